/**
 * Faults around a running nfscribe. `deno task test:faults` runs more rounds: FAULT_ROUNDS is the
 * number of kills.
 *
 * @module
 */

import { assertEquals, assertGreater, assertLess, assertStringIncludes } from "@std/assert";
import { canRun, must, temporaryFolder, until } from "../system/process.ts";
import { assertBalance, messages } from "./filters.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, hasRecords, type Running, startNfscribeWith } from "./nfscribe.ts";
import { flood, sendUdp, startFlood } from "./traffic.ts";

const ROUNDS = Number(Deno.env.get("FAULT_ROUNDS") ?? 5);
const MAY_MOUNT = canRun("unshare", "--mount", "true");
const needsNft = { ignore: !HAS_NFT };
const needsMounts = { ignore: !HAS_NFT || !MAY_MOUNT };

const logTo = (group: number) => nft([["output", `udp dport 9 counter log group ${group}`]]);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a configuration with one group. */
async function start(folder: string, group: number, outputs: string): Promise<Running> {
  await Deno.writeTextFile(
    `${folder}/nfscribe.toml`,
    `stop_timeout_ms = 5000\n[[source]]\ntype = "nflog"\ngroup = ${group}\ncopy_range = 100\n` +
      `queue_timeout_ms = 10\n${outputs}\n[log]\nformat = "json"\n`,
  );
  return await startNfscribeWith([], "-c", `${folder}/nfscribe.toml`);
}

/** Mounts a tmpfs on a folder. */
async function mounted(path: string) {
  await Deno.mkdir(path);
  await must(["mount", "-t", "tmpfs", "-o", "size=16m", "none", path]);
  return {
    async [Symbol.asyncDispose]() {
      await must(["sh", "-c", 'while umount "$0" 2>/dev/null; do :; done', path]);
    },
  };
}

Deno.test(
  "killed at random moments: every file ends with a whole record, and the counters add up (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const outputs =
      `[output.pcap]\npath = "t.pcap"\n[output.ng]\ntype = "pcap"\nformat = "pcapng"\n` +
      `path = "t.pcapng"\n[output.text]\ntype = "logemu"\nhostname = "gate"\npath = "t.log"`;
    await using rules = await logTo(980);
    for (let round = 0; round < ROUNDS; round++) {
      await using nfscribe = await start(path, 980, outputs);
      const load = startFlood(72);
      await pause(50 + 300 * Math.random());
      nfscribe.kill("SIGKILL");
      await load.stop();
      await nfscribe.ended();
    }
    // A start truncates a torn record; other readers of the file find no error.
    const before = await rules.count();
    await using last = await start(path, 980, outputs);
    await flood(10_000);
    await until(
      "the last packets are there",
      async () =>
        (await Deno.readTextFile(`${path}/t.log`)).endsWith("\n") && last.said.includes("started"),
    );
    last.kill("SIGTERM");
    const { counters } = await last.ended();
    assertBalance(counters, "nflog:980", await rules.count() - before);
    const records = await countRecords(`${path}/t.pcap`);
    assertGreater(records, 10_000);
    const lines = (await Deno.readTextFile(`${path}/t.log`)).split("\n");
    assertEquals(lines.pop(), "");
    // Text is not truncated: a torn line is completed by the next start.
    const torn = lines.filter((line) => !/ gate .* PROTO=UDP .* DPT=9 .*MARK=/.test(line));
    assertLess(torn.length, ROUNDS + 1);
    const count = await must(["tcpdump", "-r", `${path}/t.pcapng`, "--count"]);
    assertGreater(Number.parseInt(count), 10_000);
  },
);

Deno.test(
  "a deleted file is created again, and no packet is lost (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await using _rules = await logTo(981);
    await using nfscribe = await start(path, 981, `[output.pcap]\npath = "t.pcap"`);
    sendUdp(100);
    await until("they are there", () => hasRecords(`${path}/t.pcap`, 100));
    await Deno.rename(`${path}/t.pcap`, `${path}/moved.pcap`);
    await pause(1100);
    sendUdp(100);
    await until(
      "they are there",
      async () => await countRecords(`${path}/t.pcap`).catch(() => 0) === 100,
    );
    nfscribe.kill("SIGTERM");
    const { code, counters, stderr } = await nfscribe.ended();
    assertEquals([code, counters.outputs.pcap!.written], [0, 200]);
    assertStringIncludes(messages(stderr).join("\n"), "t.pcap was moved or removed");
  },
);

Deno.test(
  "a file system that becomes read-only, or is unmounted, affects no other output (needs nft and mounts)",
  needsMounts,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await using _mount = await mounted(`${path}/disk`);
    await using rules = await logTo(982);
    await using nfscribe = await start(
      path,
      982,
      `[output.pcap]\npath = "t.pcap"\n[output.far]\ntype = "pcap"\npath = "disk/t.pcap"`,
    );
    sendUdp(100);
    await until("they are there", () => hasRecords(`${path}/disk/t.pcap`, 100));
    // Another mount over it: the path leads to a read-only file system.
    await must(["mount", "-t", "tmpfs", "-o", "ro", "none", `${path}/disk`]);
    await pause(1100);
    sendUdp(100);
    await until("the other has them", () => hasRecords(`${path}/t.pcap`, 200));
    await must(["umount", `${path}/disk`]);
    await pause(1500);
    sendUdp(100);
    await until("it is written again", async () =>
      await countRecords(`${path}/t.pcap`) === 300 &&
      await countRecords(`${path}/disk/t.pcap`) >= 200);
    nfscribe.kill("SIGTERM");
    const { counters, stderr } = await nfscribe.ended();
    assertBalance(counters, "nflog:982", await rules.count());
    assertEquals(counters.outputs.pcap!.written, 300);
    assertStringIncludes(messages(stderr).join("\n"), "was moved or removed");
  },
);

Deno.test(
  "rules that are flushed and loaded again log to the same group (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await using nfscribe = await start(path, 983, `[output.pcap]\npath = "t.pcap"`);
    let logged = 0;
    for (let round = 0; round < 3; round++) {
      await using rules = await logTo(983);
      sendUdp(100);
      logged += await rules.count();
    }
    await until("all are there", () => hasRecords(`${path}/t.pcap`, 300));
    nfscribe.kill("SIGTERM");
    const { code, counters } = await nfscribe.ended();
    assertEquals(code, 0);
    assertBalance(counters, "nflog:983", logged);
  },
);

Deno.test(
  "stopped and continued under a flood: losses are logged while they happen (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await using rules = await logTo(984);
    await using nfscribe = await start(path, 984, `[output.pcap]\npath = "t.pcap"`);
    nfscribe.kill("SIGSTOP");
    await flood(300_000);
    nfscribe.kill("SIGCONT");
    // The next packet shows what is missing, once there is room for it.
    await until("it is logged", () => {
      sendUdp(1);
      return nfscribe.said.includes("Packets are lost");
    });
    nfscribe.kill("SIGTERM");
    const { code, counters } = await nfscribe.ended();
    assertEquals(code, 3);
    const { received, lost } = counters.sources["nflog:984"]!;
    assertGreater(lost, 0);
    assertEquals(received + lost, await rules.count());
  },
);
