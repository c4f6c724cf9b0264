import { assert, assertEquals, assertGreater } from "@std/assert";
import { packetExpression } from "../../src/filter/expression/expression.ts";
import { compilePredicate } from "../../src/filter/expression/predicate/compile.ts";
import { isEncapsulation } from "../../src/packet/encapsulation.ts";
import { isExtension } from "../../src/packet/ipv6_extension.ts";
import { readBe16 } from "../../src/bytes/memory.ts";
import { ETHERNET, LINK, NETWORK } from "../filter/expression/expressions.ts";
import { RandomExpressions } from "../filter/expression/random_expressions.ts";
import { Random } from "../fuzz/random.ts";
import { concat, hex, icmp, ipv6, tcp, udp } from "../packet/sample.ts";
import { HAS_TCPDUMP, temporaryFolder } from "../system/process.ts";
import { cornerFrames } from "./corner_packets.ts";
import { type FilePacket, PacketFile } from "./expression_packets.ts";
import { captureFrames, type Frame, HAS_CAPTURES } from "./frames.ts";
import { randomFrames } from "./random_packets.ts";

const NEEDS = HAS_TCPDUMP ? "" : " (needs tcpdump)";
const CAPTURES = HAS_CAPTURES ? "captured and " : "";
/** Random expressions; more with EXPRESSION_ROUNDS. */
const ROUNDS = Number(Deno.env.get("EXPRESSION_ROUNDS") ?? 80);
/** EtherType of a VLAN tag that libpcap takes for one and Linux does not. */
const OLD_QINQ = 0x9100;
const SEED = 20261128;

/** Returns every kind of frame: captured ones, and made ones. */
async function allFrames(): Promise<Frame[]> {
  const captured = HAS_CAPTURES ? await captureFrames() : [];
  return [...captured, ...cornerFrames(), ...randomFrames(SEED, 2000)];
}

/** Returns whether libpcap sees other headers than nfscribe: the documented differences. */
function isSeenOtherwise({ raw, bytes }: FilePacket, isEthernet: boolean): boolean {
  const type = isEthernet ? readBe16(bytes, 12) : 0;
  if (isEncapsulation(type) || type === OLD_QINQ) return true;
  return raw.family === 10 && isExtension(raw.bytes[raw.payloadOffset + 6]!);
}

/** Compares the packets that both choose; returns how many were chosen. */
async function compare(
  file: PacketFile,
  expressions: readonly string[],
  { isEthernet = true, mayBeRefused = false } = {},
): Promise<number> {
  const differences: string[] = [];
  const packets = file.packets.filter((packet) => !isSeenOtherwise(packet, isEthernet));
  let chosen = 0;
  for (const expression of expressions) {
    const theirs = await file.tcpdump(expression);
    if (typeof theirs === "string") {
      if (!mayBeRefused) differences.push(`${expression}\n  tcpdump: ${theirs}`);
      continue;
    }
    chosen += theirs.size;
    const isChosen = compilePredicate(packetExpression(expression));
    const other = packets.filter(({ raw, number }) => isChosen(raw) !== theirs.has(number));
    if (other.length === 0) continue;
    const shown = other.slice(0, 3).map(({ origin, number, bytes }) =>
      `  ${theirs.has(number) ? "tcpdump" : "nfscribe"} alone: ${origin} ${
        bytes.slice(0, 80).toHex()
      }`
    );
    differences.push(`${expression}: ${other.length} packets\n${shown.join("\n")}`);
  }
  if (differences.length > 0) {
    throw new Error(
      `${differences.length} expressions differ:\n${differences.slice(0, 20).join("\n")}`,
    );
  }
  return chosen;
}

Deno.test({
  name: `expressions choose the ${CAPTURES}random frames that tcpdump chooses${NEEDS}`,
  ignore: !HAS_TCPDUMP,
  fn: async () => {
    await using folder = await temporaryFolder();
    const file = await PacketFile.write(`${folder.path}/all.pcap`, await allFrames());
    assertGreater(file.packets.length, 2000);
    const expressions = [...NETWORK, ...LINK, ...ETHERNET];
    assertGreater(expressions.length, 300);
    await compare(file, expressions);
  },
});

Deno.test({
  name: `expressions choose the ${CAPTURES}random IP packets that tcpdump chooses${NEEDS}`,
  ignore: !HAS_TCPDUMP,
  fn: async () => {
    await using folder = await temporaryFolder();
    const frames = await PacketFile.write(`${folder.path}/all.pcap`, await allFrames());
    const file = await frames.ipPackets(`${folder.path}/ip.pcap`);
    assertGreater(file.packets.length, 1500);
    const some = NETWORK.filter((expression, n) => n % 4 === 0 || expression.includes("len"));
    await compare(file, some, { isEthernet: false });
  },
});

Deno.test({
  name: `${ROUNDS} random expressions choose the packets that tcpdump chooses${NEEDS}`,
  ignore: !HAS_TCPDUMP,
  fn: async () => {
    await using folder = await temporaryFolder();
    const file = await PacketFile.write(`${folder.path}/all.pcap`, await allFrames());
    const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
    console.log(`seed ${seed}`);
    const random = new RandomExpressions(new Random(seed));
    const expressions = Array.from({ length: ROUNDS }, () => random.next());
    assertGreater(await compare(file, expressions, { mayBeRefused: true }), 0);
  },
});

Deno.test({
  name: `tags and extension headers hide nothing, where tcpdump asks for them${NEEDS}`,
  ignore: !HAS_TCPDUMP,
  fn: async () => {
    await using folder = await temporaryFolder();
    const plain = [...cornerFrames(), ...randomFrames(SEED, 500)].filter(({ bytes }) =>
      !isEncapsulation(readBe16(bytes, 12))
    );
    const tagged = plain.map(({ bytes, origin }) => ({ origin, bytes: withTag(bytes, 42) }));
    const file = await PacketFile.write(`${folder.path}/tagged.pcap`, tagged);
    const inside = NETWORK.filter((expression) => !/len|less|greater/.test(expression));
    for (const expression of inside.filter((_, n) => n % 8 === 0)) {
      const isChosen = compilePredicate(packetExpression(expression));
      const theirs = await file.tcpdump(`vlan 42 and (${expression})`);
      assert(typeof theirs !== "string", expression);
      for (const packet of file.packets) {
        if (packet.raw.family === 10) continue;
        assertEquals(
          isChosen(packet.raw),
          theirs.has(packet.number),
          `${expression}: ${packet.origin}`,
        );
      }
    }
    const isTagged = compilePredicate(packetExpression("vlan 42 and not vlan 43"));
    assert(file.packets.every(({ raw }) => isTagged(raw)));

    // libpcap follows the headers of IPv6 where it is asked to.
    const chains = await PacketFile.write(`${folder.path}/chains.pcap`, extensionFrames());
    for (const protocol of [0, 6, 17, 43, 44, 58, 60]) {
      const isChosen = compilePredicate(packetExpression(`ip6 proto ${protocol}`));
      const theirs = await chains.tcpdump(`ip6 protochain ${protocol}`);
      const ours = chains.packets.filter(({ raw }) => isChosen(raw)).map(({ number }) => number);
      assertGreater(ours.length, 10);
      assertEquals(new Set(ours), theirs);
    }
    const isWeb = compilePredicate(packetExpression("tcp port 443"));
    const theirs = await chains.tcpdump("ip6 protochain 6");
    const ours = chains.packets.filter(({ raw }) => isWeb(raw)).map(({ number }) => number);
    assertEquals(new Set(ours), theirs);
  },
});

Deno.test({
  name: `LLC headers that were cut are chosen as tcpdump chooses them${NEEDS}`,
  ignore: !HAS_TCPDUMP,
  fn: async () => {
    await using folder = await temporaryFolder();
    const file = await PacketFile.write(`${folder.path}/llc.pcap`, cutLlcFrames());
    const primitives = LINK.concat(ETHERNET).filter((text) =>
      /^(ether proto |iso proto |llc )?\\?\w+$/.test(text)
    );
    assert(primitives.includes("ipx") && primitives.includes("atalk"));
    await compare(file, primitives.flatMap((text) => [text, `not ${text}`]));
  },
});

/** Returns frames of kinds of LLC headers, and the same after each of their bytes. */
function cutLlcFrames(): Frame[] {
  const headers = [
    "aaaa03080007809b",
    "aaaa0300000080f3",
    "aaaa030000008137",
    "e0e003",
    "ffff0000",
  ];
  return [...headers, "424203", "fefe0383", "f0f003"].map(hex).flatMap((header) =>
    Array.from({ length: header.length + 1 }, (_, length) => ({
      origin: `${header.toHex()}, ${length} bytes`,
      bytes: concat(hex("02005e100002 02005e100001 0020"), header.slice(0, length)),
    }))
  );
}

/** Returns frames with every pair of extension headers before TCP, UDP and ICMPv6. */
function extensionFrames(): Frame[] {
  const extensions = [0, 43, 44, 60];
  const payloads = [[6, tcp()], [17, udp()], [58, icmp(128)]] as const;
  const header = (next: number) => Uint8Array.of(next, 0, 0, 0, 0, 0, 0, 0);
  return extensions.flatMap((first) =>
    extensions.flatMap((second) =>
      payloads.map(([protocol, payload]) => ({
        origin: `IPv6 ${first}, ${second}, ${protocol}`,
        bytes: concat(
          hex("02005e100002 02005e100001 86dd"),
          ipv6(first, concat(header(second), header(protocol), payload)),
        ),
      }))
    )
  );
}

/** Returns a frame with a VLAN tag. */
function withTag(bytes: Uint8Array<ArrayBuffer>, id: number): Uint8Array<ArrayBuffer> {
  const tagged = new Uint8Array(bytes.length + 4);
  tagged.set(bytes.subarray(0, 12));
  tagged.set([0x81, 0x00, id >> 8, id & 0xff], 12);
  tagged.set(bytes.subarray(12), 16);
  return tagged;
}
