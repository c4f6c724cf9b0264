import { assertEquals, assertMatch } from "@std/assert";
import { pcapFile } from "nfscribe";
import { HAS_TCPDUMP, must, TCPDUMP, temporaryFolder } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { captureSoon, sendUdp, takeOne } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };

Deno.test(
  "a copy range cuts the payload and keeps the original length (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 301"]]);
    await using packets = await captureSoon({ group: 301, copyRange: 100 });
    for (const [size, captured] of [[200, 100], [72, 100], [71, 99]] as const) {
      sendUdp(1, size);
      const { payload, originalLength } = await takeOne(packets);
      assertEquals([payload?.length, originalLength], [captured, 28 + size]);
    }
  },
);

Deno.test(
  "a copy range within the headers omits the rest (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 302"]]);
    await using packets = await captureSoon({ group: 302, copyRange: 24 });
    sendUdp(1, 200);
    const { payload, ip, udp, originalLength } = await takeOne(packets);
    assertEquals([payload?.length, originalLength, ip?.version, udp], [24, 228, 4, undefined]);
  },
);

Deno.test(
  "copy range 0 keeps the largest packet of loopback (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 303"]]);
    await using packets = await captureSoon({ group: 303 });
    sendUdp(1, 65507);
    const { payload, originalLength } = await takeOne(packets);
    // Limit of the kernel: NFULNL_COPY_RANGE_MAX.
    assertEquals([payload?.length, originalLength], [65531, 65535]);
  },
);

Deno.test("a rule's own snaplen below the copy range applies (needs nft)", needsNft, async () => {
  await using _rules = await nft([["output", "udp dport 9 log group 304 snaplen 50"]]);
  await using packets = await captureSoon({ group: 304, copyRange: 100 });
  sendUdp(1, 200);
  const { payload, originalLength } = await takeOne(packets);
  assertEquals([payload?.length, originalLength], [50, 228]);
});

Deno.test("both lengths reach the pcap file, as tcpdump shows (needs nft, tcpdump)", {
  ignore: !HAS_NFT || !HAS_TCPDUMP,
}, async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/cut.pcap`;
  await using _rules = await nft([["output", "udp dport 9 log group 305"]]);
  await using packets = await captureSoon({ group: 305, copyRange: 100 });
  sendUdp(1, 200);
  await using file = await pcapFile(path);
  await file.write(await takeOne(packets));
  const record = new DataView((await Deno.readFile(path)).buffer, 24);
  assertEquals([record.getUint32(8, true), record.getUint32(12, true)], [100, 228]);
  const line = await must([...TCPDUMP, "-r", path, "-nvv"]);
  assertMatch(line, /length 228[^]*127\.0\.0\.1\.9: .*length 200/);
});
