/**
 * Faults of a takeover. `deno task test:faults` kills more processes: TAKEOVER_KILLS is the number.
 *
 * @module
 */

import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { deno, must, ROOT, temporaryFolder, until } from "../system/process.ts";
import { messages } from "./filters.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, type Running, startNfscribeWith } from "./nfscribe.ts";
import { sendUdp, startFlood } from "./traffic.ts";

const KILLS = Number(Deno.env.get("TAKEOVER_KILLS") ?? 4);
/** Longest time from the start of the new process until it reads, in milliseconds. */
const TAKEOVER_MS = 10_000;
const RIGHTS = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys=hostname"];
const needsNft = { ignore: !HAS_NFT };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function configure(
  folder: string,
  group: number,
  outputs = "",
  top = "stop_timeout_ms = 3000",
): Promise<string[]> {
  await Deno.writeTextFile(
    `${folder}/nfscribe.toml`,
    `${top}\n[[source]]\ntype = "nflog"\ngroup = ${group}\ncopy_range = 100\nbuffer_size = 67108864\n` +
      `[output.pcap]\npath = "t.pcap"\n${outputs}\n` +
      `[stats]\nsocket = "run.sock"\n[log]\nformat = "json"\n`,
  );
  return ["-c", `${folder}/nfscribe.toml`, "--pid-file", `${folder}/pid`];
}

const start = (folder: string, args: readonly string[]): Promise<Running> =>
  startNfscribeWith([`--allow-net=unix:${folder}/run.sock`], ...args);

/** Returns the time of the last record of a message in a JSON log, in milliseconds. */
function timeOf(log: string, message: string): number {
  const records = log.trimEnd().split("\n").map((line) => JSON.parse(line));
  return Date.parse(records.findLast((record) => record.message === message).time);
}

Deno.test(
  `a process that takes over and is killed ${KILLS} times loses no packet: the other one goes on (needs nft)`,
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const args = await configure(path, 993);
    await using rules = await nft([["output", "udp dport 9 counter log group 993"]]);
    await using first = await start(path, args);
    const load = startFlood(72, 9, 50_000);
    await pause(300);
    const [command, ...words] = deno(
      ...[...RIGHTS, `--allow-net=unix:${path}/run.sock`, `${ROOT}main.ts`, "run"],
      ...[...args, "--takeover"],
    );
    const begun = () => messages(first.said).filter((text) => text.startsWith("Another process"));
    const size = async () => (await Deno.stat(`${path}/t.pcap`)).size;
    let tries = 0;
    for (let kills = 0; kills < KILLS; kills++) {
      const taker = new Deno.Command(command!, { args: words, stdin: "null", stderr: "null" })
        .spawn();
      // Before it has the sockets, or while it opens its outputs: it confirms some 20 ms later.
      while (begun().length === tries) await pause(1);
      tries = begun().length;
      await pause(kills % 4);
      taker.kill("SIGKILL");
      await taker.status;
      const goesOn = () =>
        messages(first.said)
          .filter((text) => text.startsWith("The other process did not take over")).length;
      const before = await size();
      await until("it goes on", async () => goesOn() === tries && await size() > before)
        .catch((error) => {
          throw new Error(`${error.message}: ${first.said}`);
        });
    }
    await using last = await start(path, [...args, "--takeover"]);
    const ended = await first.ended();
    console.log(
      `      not read for ${
        timeOf(last.said, "started") - timeOf(first.said, "Another process takes over")
      } ms`,
    );
    await load.stop();
    sendUdp(1);
    last.kill("SIGTERM");
    const { counters } = await last.ended();
    const all = [ended.counters, counters].map(({ sources }) => sources["nflog:993"]!);
    assertEquals(all.map(({ lost }) => lost), [0, 0], first.said);
    const received = all.reduce((sum, row) => sum + row.received, 0);
    assertEquals(received, await rules.count());
    assertEquals(await countRecords(`${path}/t.pcap`), received);
  },
);

Deno.test(
  "an output whose reader hangs delays a takeover by seconds at the most (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const pipe = `[output.pipe]\ntype = "pcap"\npath = "pipe"\nqueue_size = 1048576`;
    const args = await configure(path, 994, pipe);
    await must(["mkfifo", `${path}/pipe`]);
    // It holds both ends of the pipe open and reads nothing.
    using _reader = await Deno.open(`${path}/pipe`, { read: true, write: true });
    await using rules = await nft([["output", "udp dport 9 counter log group 994"]]);
    await using first = await start(path, args);
    const load = startFlood(72, 9, 50_000);
    await pause(500);
    const began = performance.now();
    await using second = await start(path, [...args, "--takeover"]);
    const tookMs = performance.now() - began;
    const ended = await first.ended();
    await load.stop();
    sendUdp(1);
    second.kill("SIGTERM");
    const { counters, stderr } = await second.ended();
    const all = [ended.counters, counters].map(({ sources }) => sources["nflog:994"]!);
    assertEquals(all.map(({ lost }) => lost), [0, 0], stderr);
    const received = all.reduce((sum, row) => sum + row.received, 0);
    assertEquals(received, await rules.count());
    assertEquals(await countRecords(`${path}/t.pcap`), received);
    assertLess(tookMs, TAKEOVER_MS);
    assertStringIncludes(messages(ended.stderr).join(), "The time limit expired");
  },
);

Deno.test(
  "a reload that closes an output whose reader hangs loses no packet (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const pipe = `[output.pipe]\ntype = "pcap"\npath = "pipe"\nqueue_size = 1048576`;
    const args = await configure(path, 995, pipe, "stop_timeout_ms = 60000");
    await must(["mkfifo", `${path}/pipe`]);
    using _reader = await Deno.open(`${path}/pipe`, { read: true, write: true });
    await using rules = await nft([["output", "udp dport 9 counter log group 995"]]);
    await using nfscribe = await start(path, args);
    const load = startFlood(72, 9, 50_000);
    await pause(500);
    await configure(path, 995);
    nfscribe.kill("SIGHUP");
    await until("it is replaced", () => nfscribe.said.includes("The configuration was replaced"));
    await load.stop();
    sendUdp(1);
    nfscribe.kill("SIGTERM");
    const { counters, stderr } = await nfscribe.ended();
    const { received, lost } = counters.sources["nflog:995"]!;
    assertEquals([received, lost], [await rules.count(), 0], stderr);
    assertEquals(counters.outputs.pcap!.written, received);
  },
);
