import { assertEquals, assertMatch } from "@std/assert";
import type { StructuredFlow } from "../../src/flow/structured.ts";
import { deno, must, ROOT, temporaryFolder, until } from "../system/process.ts";
import { endFlows, HAS_CONNTRACK, makeFlows, track } from "./flows.ts";
import { startNfscribeWith } from "./nfscribe.ts";

Deno.test({
  name: "The NAT log of nfscribe init has all translated flows, and tells who had their addresses" +
    (HAS_CONNTRACK ? "" : " (needs nft and conntrack)"),
  ignore: !HAS_CONNTRACK,
  async fn() {
    await using folder = await temporaryFolder();
    await using _tracked = await track();
    const { path } = folder;
    const nfscribe = (...args: string[]) => must(deno("-A", `${ROOT}main.ts`, ...args));
    await nfscribe("init", "--nat-log", "--folder", path);
    const file = `${path}/nfscribe.toml`;
    // The counters at the end are read from a JSON log.
    const config = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, `${config}format = "json"\n`);
    const query = (...args: string[]) => nfscribe("db", "query", "-c", file, ...args);
    const flows = async () =>
      (await query("--flows", "--json").catch(() => "")).split("\n").slice(0, -1)
        .map((line): StructuredFlow => JSON.parse(line));
    const socket = `--allow-net=unix:${path}/nfscribe.sock`;
    await using running = await startNfscribeWith([socket], "-c", file);
    await makeFlows(40);
    await until("both beginnings are there", async () => (await flows()).length === 2, 30_000);
    const begun = await flows();
    await endFlows();
    await until("both ends are there", async () => (await flows()).length === 4, 30_000);
    running.kill("SIGTERM");
    const { code, counters } = await running.ended();
    assertEquals([code, counters.outputs.sqlite!.written], [0, 4]);
    assertEquals(await query("--nat", "192.0.2.99:9", "--at", "2026-01-01"), "");
    const ended = (await flows()).filter(({ event }) => event === "destroy");
    assertEquals(ended.map(({ id }) => id).sort(), begun.map(({ id }) => id).sort());
    for (const { nat, original, reply, start, end } of ended) {
      const isSource = nat!.source !== undefined;
      const [outer, port] = isSource
        ? [nat!.source, reply!.destinationPort]
        : [original.destination, original.destinationPort];
      const inner = isSource
        ? `${original.source}:${original.sourcePort} UDP to 127.0.0.1:7778`
        : `${reply!.source}:${
          reply!.sourcePort
        } UDP from ${original.source}:${original.sourcePort}`;
      const answer = await query("--nat", `${outer}:${port}`, "--at", isSource ? start! : end!);
      assertMatch(answer, /^[^\n]+\n$/);
      assertEquals(answer.split(" since ")[0], inner);
    }
  },
});
