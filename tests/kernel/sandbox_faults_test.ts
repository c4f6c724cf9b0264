/**
 * Kills sandboxes under load. `deno task test:faults` kills a thousand at 100,000 packets/s;
 * SANDBOX_KILLS and SANDBOX_RATE are the numbers. At the rate without them the socket's buffer
 * holds what arrives while a busy machine starts a process.
 *
 * @module
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { readProcFile } from "../../ffi/proc_file.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { assertBalance } from "./filters.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, startNfscribe } from "./nfscribe.ts";
import { startFlood } from "./traffic.ts";

const KILLS = Number(Deno.env.get("SANDBOX_KILLS") ?? 40);
const RATE = Number(Deno.env.get("SANDBOX_RATE") ?? 30_000);
/** Interval of packets that also go to the text output, with their number. */
const EVERY = 50;

/** Returns the sandbox of a running nfscribe; undefined if there is none. */
function sandboxOf(pid: number): number | undefined {
  const children = readProcFile(`/proc/${pid}/task/${pid}/children`) ?? "";
  const [first] = children.split(" ").filter(Boolean);
  return first === undefined ? undefined : Number(first);
}

async function sizeOf(folder: string): Promise<number> {
  return (await Deno.stat(`${folder}/t.pcap`)).size;
}

Deno.test(
  `the sandbox is killed ${KILLS} times under a flood: no packet is lost, none twice, all in order (needs nft)`,
  { ignore: !HAS_NFT },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.writeTextFile(
      `${path}/filter.ts`,
      `export default (packet, context) => {
  if (packet.seq % ${EVERY} !== 0) return "pcap";
  context.emit("logemu", { SEQ: packet.seq });
  return ["pcap", "logemu"];
};`,
    );
    await Deno.writeTextFile(
      `${path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroup = 985\ncopy_range = 40\nbuffer_size = 67108864\n` +
        `[filter]\nscript = "filter.ts"\non_error = "pass"\n[output.pcap]\npath = "t.pcap"\n` +
        `[output.logemu]\npath = "t.log"\nhostname = "gate"\n[log]\nformat = "json"\n`,
    );
    await using rules = await nft([["input", "udp dport 9 counter log group 985 drop"]]);
    await using nfscribe = await startNfscribe("-c", `${path}/nfscribe.toml`);
    const load = startFlood(72, 9, RATE);
    let last: number | undefined;
    for (let kills = 0; kills < KILLS; kills++) {
      await until("there is another sandbox", () => {
        const now = sandboxOf(nfscribe.pid);
        return Promise.resolve(now !== undefined && now !== last);
      }).catch((error) => {
        throw new Error(`${error.message}\n${nfscribe.said}`);
      });
      last = sandboxOf(nfscribe.pid)!;
      // Some are killed while they load, most while they work.
      if (kills % 4 !== 3) {
        const before = await sizeOf(path);
        await until("it works", async () => await sizeOf(path) > before);
      }
      await new Promise((resolve) => setTimeout(resolve, 100 * Math.random()));
      try {
        Deno.kill(last, "SIGKILL");
      } catch (error) {
        // It was replaced in the meantime, as a sandbox without the script is.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    await load.stop();
    await new Promise((resolve) => setTimeout(resolve, 500));
    nfscribe.kill("SIGTERM");
    const { code, counters, stderr } = await nfscribe.ended();
    const logged = await rules.count();
    assertBalance(counters, "nflog:985", logged);
    const { received, lost } = counters.sources["nflog:985"]!;
    // A user without capabilities cannot have such a large buffer.
    if (!stderr.includes("system's limit")) assertEquals([code, lost], [0, 0], stderr);
    const { pcap, logemu } = counters.outputs;
    // With on_error = "pass" every packet is written there, whatever the filter did.
    assertEquals([pcap!.written, await countRecords(`${path}/t.pcap`)], [received, received]);
    const text = await Deno.readTextFile(`${path}/t.log`);
    assertEquals(text.trimEnd().split("\n").length, logemu!.written + logemu!.emitted);
    const seqs = [...text.matchAll(/ SEQ=(\d+) /g)].map(([, seq]) => Number(seq));
    assert(
      seqs.every((seq, index) => index === 0 || seq > seqs[index - 1]!),
      "in order, none twice",
    );
    const { failed, timedOut } = counters.filter;
    assertGreater(seqs.length, (received - failed - timedOut) / EVERY - 1);
    console.log(
      `      ${KILLS} kills, ${received} packets, of which ${
        failed + timedOut
      } without the script, lost ${lost}`,
    );
  },
);
