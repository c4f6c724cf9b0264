import { assert, assertEquals, assertLess } from "@std/assert";
import { canRun, must } from "../system/process.ts";
import { HAS_IPTABLES, HAS_NFT, iptables, nft } from "./firewall.ts";
import { captureSoon, sendUdp, takeOne, udpProgram } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };
const needsIptables = { ignore: !HAS_IPTABLES };

/** User 1234 of group 5678, if they exist: a user namespace may contain root only. */
const OTHER_USER = ["setpriv", "--reuid=1234", "--regid=5678", "--clear-groups"];

Deno.test("an IPv4 packet has its headers and its data (needs nft)", needsNft, async () => {
  await using _rules = await nft([["output", "udp dport 9 log group 101"]]);
  await using packets = await captureSoon({ group: 101 });
  sendUdp(1, 5);
  const packet = await takeOne(packets);
  assertEquals([packet.family, packet.hwProtocol, packet.seq], [2, 0x0800, 0]);
  const { ip, udp, payload, originalLength } = packet;
  assertEquals([ip?.version, ip?.source, ip?.destination], [4, "127.0.0.1", "127.0.0.1"]);
  assertEquals([udp?.destinationPort, payload?.length, originalLength], [9, 33, 33]);
});

Deno.test("an IPv6 packet has its headers and its data (needs nft)", needsNft, async () => {
  await using _rules = await nft([["output", "udp dport 9 log group 102"]]);
  await using packets = await captureSoon({ group: 102 });
  await must(udpProgram("::1"));
  const packet = await takeOne(packets);
  assertEquals([packet.family, packet.hwProtocol], [10, 0x86dd]);
  const { ip, udp, payload, originalLength } = packet;
  assertEquals([ip?.version, ip?.source, ip?.destination], [6, "::1", "::1"]);
  assertEquals([udp?.destinationPort, originalLength], [9, 40 + 8 + 4]);
  assertEquals(new TextDecoder().decode(payload?.subarray(48)), "ping");
});

Deno.test(
  "the prefix of a rule is unchanged, or empty (needs nft)",
  needsNft,
  async () => {
    const longest = "x".repeat(127);
    await using _rules = await nft([[
      "output",
      `udp dport 9 log group 103
udp dport 10 log prefix "drop: é " group 103
udp dport 11 log prefix "${longest}" group 103`,
    ]]);
    await using packets = await captureSoon({ group: 103 });
    for (const [port, prefix] of [[9, ""], [10, "drop: é "], [11, longest]] as const) {
      sendUdp(1, 4, port);
      assertEquals((await takeOne(packets)).prefix, prefix);
    }
  },
);

Deno.test(
  "iptables rules log to a group too, with and without a prefix (needs iptables-legacy)",
  needsIptables,
  async () => {
    const longest = "y".repeat(63);
    await using rules = await iptables([
      "OUTPUT -p udp --dport 9 -j NFLOG --nflog-group 104",
      `OUTPUT -p udp --dport 10 -j NFLOG --nflog-group 104 --nflog-prefix ${longest}`,
    ]);
    await using packets = await captureSoon({ group: 104 });
    sendUdp(1, 4, 9);
    assertEquals((await takeOne(packets)).prefix, "");
    sendUdp(1, 4, 10);
    assertEquals((await takeOne(packets)).prefix, longest);
    assertEquals(await rules.count(), 2);
  },
);

Deno.test(
  "ip6tables rules log IPv6 packets to a group (needs iptables-legacy)",
  needsIptables,
  async () => {
    await using _rules = await iptables(
      ["OUTPUT -p udp --dport 9 -j NFLOG --nflog-group 105"],
      "ip6tables-legacy",
    );
    await using packets = await captureSoon({ group: 105 });
    await must(udpProgram("::1"));
    assertEquals((await takeOne(packets)).ip?.version, 6);
  },
);

Deno.test(
  "the mark is as the firewall set it, and absent if it is 0 (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([[
      "output",
      `udp dport 9 log group 106
udp dport 10 meta mark set 0xfedcba98 log group 106`,
    ]]);
    await using packets = await captureSoon({ group: 106 });
    sendUdp(1, 4, 9);
    assertEquals((await takeOne(packets)).mark, undefined);
    sendUdp(1, 4, 10);
    assertEquals((await takeOne(packets)).mark, 0xfedcba98);
  },
);

Deno.test(
  "uid and gid are those of the local sender, and absent at input (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([
      ["output", "udp dport 9 log group 107"],
      ["input", "udp dport 10 log group 107"],
    ]);
    await using packets = await captureSoon({ group: 107 });
    sendUdp(1, 4, 9);
    const out = await takeOne(packets);
    const ids = [await must(["id", "-u"]), await must(["id", "-g"])].map(Number);
    assertEquals([out.uid, out.gid], ids);
    sendUdp(1, 4, 10);
    const incoming = await takeOne(packets);
    assertEquals([incoming.uid, incoming.gid], [undefined, undefined]);
  },
);

Deno.test("uid and gid are those of another user (needs nft, and setpriv with another user)", {
  ignore: !HAS_NFT || !canRun(...OTHER_USER, "true"),
}, async () => {
  await using _rules = await nft([["output", "udp dport 9 log group 108"]]);
  await using packets = await captureSoon({ group: 108 });
  await must([...OTHER_USER, ...udpProgram("127.0.0.1")]);
  const packet = await takeOne(packets);
  assertEquals([packet.uid, packet.gid], [1234, 5678]);
});

Deno.test(
  "each hook is reported with its number and its devices (needs nft)",
  needsNft,
  async () => {
    const hooks = ["output", "postrouting", "prerouting", "input"];
    await using _rules = await nft(
      hooks.map((hook) => [hook, `udp dport 9 log prefix "${hook}" group 109`] as const),
    );
    await using packets = await captureSoon({ group: 109 });
    sendUdp();
    for (const hook of hooks) {
      const packet = await takeOne(packets);
      assertEquals(packet.prefix, hook);
      assertEquals(packet.hook, { prerouting: 0, input: 1, output: 3, postrouting: 4 }[hook]);
      const out = hook === "output" || hook === "postrouting";
      assertEquals(packet.inDev?.name, out ? undefined : "lo");
      assertEquals(packet.outDev?.name, out ? "lo" : undefined);
      assert(`${packet}`.includes(`${hook} ${out ? "out" : "in"}=lo "${hook}"`), `${packet}`);
    }
  },
);

Deno.test(
  "the kernel's timestamp is present at input and absent at output; the time is always current (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([
      ["output", "udp dport 9 log group 110"],
      ["input", "udp dport 9 log group 110"],
    ]);
    await using packets = await captureSoon({ group: 110 });
    const before = Date.now();
    sendUdp();
    const [output, input] = [await takeOne(packets), await takeOne(packets)];
    assertEquals([output.hook, input.hook], [3, 1]);
    assertEquals(output.timestamp, undefined);
    assertEquals(input.timestamp, input.time);
    for (const { time } of [output, input]) {
      assert(Number.isInteger(time));
      assert(time / 1000 >= before - 1 && time / 1000 <= Date.now() + 1, `${time} ${before}`);
    }
    assertLess(input.time, output.time + 1, "the stamp is older than the time of receipt");
  },
);

Deno.test(
  "packets of a group are numbered from 0, and across groups too (needs nft)",
  needsNft,
  async () => {
    await using _rules = await nft([[
      "output",
      `udp dport 9 log group 111
udp dport 10 log group 112`,
    ]]);
    await using a = await captureSoon({ group: 111 });
    await using b = await captureSoon({ group: 112 });
    for (const port of [9, 10, 9, 10]) sendUdp(1, 4, port);
    const taken = [await takeOne(a), await takeOne(b), await takeOne(a), await takeOne(b)];
    assertEquals(taken.map(({ seq }) => seq), [0, 0, 1, 1]);
    const first = taken[0]!.seqGlobal!;
    assert(first >= 1);
    assertEquals(taken.map(({ seqGlobal }) => seqGlobal! - first), [0, 1, 2, 3]);
  },
);
