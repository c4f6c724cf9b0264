import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { HAS_TCPDUMP, must, TCPDUMP, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, hasRecords, startNfscribe, writeConfig } from "./nfscribe.ts";
import { flood, sendUdp, startFlood } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };
const needsTcpdump = { ignore: !HAS_NFT || !HAS_TCPDUMP };

/** Data length of a packet that differs from the others. */
const MARKER = 333;

/** Returns the original length of the last record of a pcap file that is being written. */
async function lastLength(path: string): Promise<number | undefined> {
  const { buffer, byteLength } = await Deno.readFile(path);
  // Every record contains 100 bytes of its packet.
  return byteLength < 24 + 116 ? undefined : new DataView(buffer).getUint32(byteLength - 104, true);
}

Deno.test(
  "nfscribe run writes 200,000 packets at full speed and loses none (needs nft, tcpdump)",
  needsTcpdump,
  async () => {
    await using folder = await temporaryFolder();
    const [path, file] = [`${folder.path}/all.pcap`, `${folder.path}/nfscribe.toml`];
    await writeConfig(file, { groups: [801], pcap: path, source: "buffer_size = 33554432" });
    await using rules = await nft([["output", "udp dport 9 counter log group 801"]]);
    await using nfscribe = await startNfscribe("-c", file);
    await flood(200_000, 200);
    nfscribe.kill("SIGTERM");
    const { code, counters, stderr } = await nfscribe.ended();
    assertEquals(code, 0);
    assertEquals(await rules.count(), 200_000);
    const { received, lost } = counters.sources["nflog:801"]!;
    assertEquals(received + lost, 200_000);
    // A user without capabilities cannot have such a large buffer.
    if (!stderr.includes("system's limit")) assertEquals(lost, 0);
    assertEquals(counters.outputs.pcap!.written, received);
    const count = await must([
      "sh",
      "-c",
      '"$@" 2>/dev/null | wc -l',
      "sh",
      ...TCPDUMP,
      "-ntr",
      path,
    ]);
    assertEquals(Number(count), received);
  },
);

Deno.test(
  "packets lost while nfscribe run was stopped are counted exactly (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const [path, file] = [`${folder.path}/lossy.pcap`, `${folder.path}/nfscribe.toml`];
    await writeConfig(file, { groups: [802], pcap: path, source: "buffer_size = 262144" });
    await using rules = await nft([["output", "udp dport 9 counter log group 802"]]);
    await using nfscribe = await startNfscribe("-c", file);
    nfscribe.kill("SIGSTOP");
    await flood(50_000, 200);
    nfscribe.kill("SIGCONT");
    // A lost tail shows with the next packet, for which there must be room.
    await until("a packet arrives behind the gap", async () => {
      sendUdp(1, MARKER);
      await new Promise((resolve) => setTimeout(resolve, 150));
      return await lastLength(path) === 28 + MARKER;
    });
    nfscribe.kill("SIGTERM");
    const { code, counters, stderr } = await nfscribe.ended();
    assertEquals(code, 3);
    const { received, lost } = counters.sources["nflog:802"]!;
    assertEquals(received + lost, await rules.count());
    assertGreater(lost, 1000);
    assertEquals(counters.outputs.pcap!.written, received);
    assertEquals(counters.filter.passed, received);
    assertEquals(await countRecords(path), received);
    assert(stderr.includes("The receive buffer was full at times"), stderr);
  },
);

Deno.test(
  "packets lost at the end of nfscribe run are no secret, though nothing counts them (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const [path, file] = [`${folder.path}/lossy.pcap`, `${folder.path}/nfscribe.toml`];
    const source = "buffer_size = 65536\nqueue_timeout_ms = 3600000";
    await writeConfig(file, { groups: [809], pcap: path, source });
    await using rules = await nft([["output", "udp dport 9 counter log group 809"]]);
    await using nfscribe = await startNfscribe("-c", file);
    nfscribe.kill("SIGSTOP");
    // A multiple of queue_threshold: the kernel keeps nothing back that would come at the end.
    await flood(512 * 20);
    nfscribe.kill("SIGTERM");
    nfscribe.kill("SIGCONT");
    const { code, counters, stderr } = await nfscribe.ended();
    assertEquals(code, 3);
    const { received, lost } = counters.sources["nflog:809"]!;
    assertEquals(lost, 0);
    assertGreater(await rules.count(), received);
    const [record] = stderr.split("\n").filter((line) => line.includes("The last dropped"));
    const most = JSON.parse(record!).datagrams_at_most;
    assertEquals(await rules.count(), received + 512 * most);
  },
);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(
    `${signal} right after the last packet still receives all packets (needs nft)`,
    needsNft,
    async () => {
      await using folder = await temporaryFolder();
      const [path, file] = [`${folder.path}/tail.pcap`, `${folder.path}/nfscribe.toml`];
      // Only the end of the run makes the kernel deliver what it has collected.
      const source = "queue_threshold = 100000\nqueue_timeout_ms = 3600000";
      await writeConfig(file, { groups: [803], pcap: path, source });
      await using _rules = await nft([["output", "udp dport 9 counter log group 803"]]);
      await using nfscribe = await startNfscribe("-c", file);
      sendUdp(300);
      nfscribe.kill(signal);
      const { code, counters } = await nfscribe.ended();
      assertEquals(code, 0);
      const { received, lost } = counters.sources["nflog:803"]!;
      assertEquals([received, lost, counters.outputs.pcap!.written], [300, 0, 300]);
      assertEquals(await countRecords(path), 300);
    },
  );
}

Deno.test("SIGTERM ends nfscribe run while packets arrive (needs nft)", needsNft, async () => {
  await using folder = await temporaryFolder();
  const [path, file] = [`${folder.path}/endless.pcap`, `${folder.path}/nfscribe.toml`];
  await writeConfig(file, { groups: [804], pcap: path });
  await using _rules = await nft([["output", "udp dport 9 log group 804"]]);
  await using nfscribe = await startNfscribe("-c", file);
  const endless = startFlood();
  await until("packets arrive", async () => (await Deno.stat(path)).size > 24);
  nfscribe.kill("SIGTERM");
  const { code, counters } = await nfscribe.ended();
  await endless.stop();
  assertEquals(code, 0);
  const { received } = counters.sources["nflog:804"]!;
  assertEquals(counters.outputs.pcap!.written, received);
  assertEquals(await countRecords(path), received);
});

Deno.test(
  "a second nfscribe run appends, and a pcap file can be read in the meantime (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/twice.pcap`;
    await using _rules = await nft([["output", "udp dport 9 log group 805"]]);
    for (const already of [0, 7]) {
      await using nfscribe = await startNfscribe("--group", "805", "--pcap", path);
      assertEquals(await countRecords(path), already, "the header is there from the start");
      sendUdp(7);
      await until("the packets are in the file", () => hasRecords(path, already + 7));
      nfscribe.kill("SIGINT");
      assertEquals((await nfscribe.ended()).code, 0);
      assertEquals(await countRecords(path), already + 7);
    }
  },
);

Deno.test("nfscribe run writes two groups to one pcap file (needs nft)", needsNft, async () => {
  await using folder = await temporaryFolder();
  const [path, file] = [`${folder.path}/both.pcap`, `${folder.path}/nfscribe.toml`];
  // A relative path starts at the configuration file's folder.
  await writeConfig(file, { groups: [806, 807], pcap: "both.pcap" });
  await using _rules = await nft([[
    "output",
    `udp dport 9 log group 806
udp dport 10 log group 807`,
  ]]);
  await using nfscribe = await startNfscribe("-c", file);
  for (let i = 0; i < 100; i++) {
    sendUdp(20, 200, 9);
    sendUdp(10, 200, 10);
  }
  nfscribe.kill("SIGTERM");
  const { code, counters } = await nfscribe.ended();
  assertEquals(code, 0);
  const none = { lost: 0, malformed: 0, foreign: 0 };
  assertEquals(counters.sources, {
    "nflog:806": { received: 2000, ...none },
    "nflog:807": { received: 1000, ...none },
  });
  assertEquals(counters.outputs.pcap!.written, 3000);
  assertEquals(await countRecords(path), 3000);
});

Deno.test(
  "nfscribe run with a group in use is status 1, and the file is whole (needs nft)",
  needsNft,
  async () => {
    await using folder = await temporaryFolder();
    await using _nfscribe = await startNfscribe(
      "--group",
      "808",
      "--pcap",
      `${folder.path}/a.pcap`,
    );
    const second = `${folder.path}/b.pcap`;
    const error = await assertRejects(
      () => startNfscribe("--group", "808", "--pcap", second),
      Error,
      "nfscribe: Cannot bind NFLOG group 808: ",
    );
    assert(!error.message.includes("    at "), "a stack trace is not for users");
    assertEquals((await Deno.stat(second)).size, 24);
  },
);
