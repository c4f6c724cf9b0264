import { assertEquals } from "@std/assert";
import { be16, be32, encodeAttributes } from "../../../src/netlink/attribute.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Memory } from "../../../src/bytes/memory.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import * as c from "../../../src/netlink/nflog/constants.ts";
import { NflogDecoder } from "../../../src/source/nflog/decoder.ts";
import { observe } from "../../packet/observe.ts";
import { concat, hex, ipv4, udp } from "../../packet/sample.ts";
import { decodeAll, decodeOne, everyAttribute, logged, NLA_F_NESTED } from "./sample.ts";

/** Returns whether a message with this one attribute is malformed. */
function isMalformed(type: number, value: Uint8Array): boolean {
  const decoder = new NflogDecoder();
  const packets = decodeAll(logged([{ type, value }]), { decoder });
  assertEquals([decoder.received, packets.length], [1, 1 - decoder.malformed]);
  return decoder.malformed === 1;
}

Deno.test("Every attribute reaches its own field", () => {
  const packet = decodeOne(logged(everyAttribute()));
  assertEquals([packet.family, packet.hwProtocol, packet.hook], [2, 0x0800, 1]);
  assertEquals(packet.prefix, "drop ");
  const devices = [packet.inDev, packet.outDev, packet.physInDev, packet.physOutDev];
  assertEquals(devices.map((device) => device?.index), [2, 3, 4, 5]);
  assertEquals(packet.mark, 0xdeadbeef);
  assertEquals(packet.hardwareType, 1);
  assertEquals(packet.hardwareHeader, hex("02005e100002 02005e100001 0800"));
  assertEquals(packet.hardwareAddress, "02:00:5e:10:00:01");
  assertEquals(packet.timestamp, 1_600_000_001_123_456);
  assertEquals([packet.uid, packet.gid], [1000, 1001]);
  assertEquals([packet.seq, packet.seqGlobal], [0, 77]);
  assertEquals(packet.vlan, { protocol: 0x8100, id: 100, priority: 5, dropEligible: true });
  assertEquals(packet.payload, ipv4(17, udp()));
});

Deno.test("The order of attributes does not matter", () => {
  const forwards = decodeOne(logged(everyAttribute()));
  const backwards = decodeOne(logged(everyAttribute().reverse()));
  assertEquals(observe(backwards), observe(forwards));
});

Deno.test("Flags in an attribute's type do not matter", () => {
  for (const flag of [NLA_F_NESTED, 0x4000, 0xc000]) {
    const flagged = everyAttribute().map(({ type, value }) => ({ type: type | flag, value }));
    assertEquals(observe(decodeOne(logged(flagged))), observe(decodeOne(logged(everyAttribute()))));
  }
});

Deno.test("Unknown attributes are skipped, whatever their values", () => {
  const unknown = [0, 18, 19, 22, 1000, 0x3fff].map((type) => ({
    type,
    value: new Uint8Array(type % 7).fill(0xff),
  }));
  const among = everyAttribute().flatMap((attribute, index) => [
    unknown[index % unknown.length]!,
    attribute,
  ]);
  assertEquals(observe(decodeOne(logged(among))), observe(decodeOne(logged(everyAttribute()))));
});

Deno.test("A message without attributes is a packet without values", () => {
  const packet = decodeOne(logged([], { family: 7 }));
  assertEquals(packet.family, 7);
  const { mark, uid, gid, seq, prefix, payload, timestamp, hook, hardwareHeader } = packet;
  assertEquals(
    [mark, uid, gid, seq, prefix, payload, timestamp, hook, hardwareHeader],
    Array(9).fill(undefined),
  );
});

Deno.test("Values of one packet do not stay for the next one in the same object", () => {
  const decoder = new NflogDecoder();
  const raw = new RawPacket(new InterfaceTable());
  const seen = [logged(everyAttribute()), logged([])].map((message) => {
    decoder.begin(new Memory(message.buffer), 0, message.length, 0, 0);
    assertEquals(decoder.next(raw), true);
    return observe(new Packet(raw));
  });
  const fresh = new RawPacket(new InterfaceTable());
  decoder.begin(new Memory(logged([]).buffer), 0, logged([]).length, 0, 0);
  decoder.next(fresh);
  assertEquals(seen[1], observe(new Packet(fresh)));
  for (const [name, value] of Object.entries(raw)) {
    if (/generation|start|end|bytes|interfaces|layers|Offset$/.test(name)) continue;
    assertEquals([name, value], [name, fresh[name as keyof RawPacket]]);
  }
});

Deno.test("Bytes at a message's end that are too few for an attribute are ignored", () => {
  for (let length = 1; length < 4; length++) {
    const message = concat(logged([{ type: c.NFULA_MARK, value: be32(7) }]), hex("ff ff ff 00"));
    new DataView(message.buffer).setUint32(0, message.length - 4 + length, true);
    assertEquals(decodeOne(message).mark, 7);
  }
});

Deno.test("A prefix may be empty with its NUL, empty without, or lack its NUL", () => {
  const prefixOf = (value: Uint8Array) =>
    decodeOne(logged([{ type: c.NFULA_PREFIX, value }])).prefix;
  assertEquals(prefixOf(hex("00")), "");
  assertEquals(prefixOf(hex("")), "");
  assertEquals(prefixOf(hex("6162")), "ab");
  assertEquals(prefixOf(hex("6162 00")), "ab");
});

Deno.test("A device without link header has an empty one, or none", () => {
  const hwLen = { type: c.NFULA_HWLEN, value: be16(0) };
  const empty = decodeOne(logged([hwLen, { type: c.NFULA_HWHEADER, value: hex("") }]));
  assertEquals(empty.hardwareHeader, hex(""));
  const absent = decodeOne(logged([{ type: c.NFULA_HWLEN, value: be16(14) }]));
  assertEquals(absent.hardwareHeader, undefined);
});

Deno.test("A link header without a separate address is decoded all the same", () => {
  const packet = decodeOne(logged([{ type: c.NFULA_L2HDR, value: hex("aabbcc") }]));
  assertEquals([packet.hardwareHeader, packet.hardwareAddress], [hex("aabbcc"), undefined]);
});

Deno.test("A link address may fill all of its attribute, and no more", () => {
  const addressOf = (value: Uint8Array) =>
    decodeOne(logged([{ type: c.NFULA_HWADDR, value }])).hardwareAddress;
  assertEquals(addressOf(hex("0008 0000 0102030405060708")), "01:02:03:04:05:06:07:08");
  assertEquals(isMalformed(c.NFULA_HWADDR, hex("0009 0000 0102030405060708")), true);
  assertEquals(isMalformed(c.NFULA_HWADDR, hex("ffff 0000 0102030405060708")), true);
});

Deno.test("An empty payload is present, and is not an IP packet", () => {
  const packet = decodeOne(logged([{ type: c.NFULA_PAYLOAD, value: hex("") }]));
  assertEquals([packet.payload, packet.originalLength, packet.ip], [hex(""), 0, undefined]);
});

Deno.test("The largest payload is taken whole", () => {
  const payload = ipv4(17, udp(9, new Uint8Array(c.NFULNL_COPY_RANGE_MAX - 28).fill(7)));
  assertEquals(decodeOne(logged(everyAttribute(payload))).payload, payload);
});

Deno.test("A time stamp goes up to the last microsecond of its second", () => {
  const stamp = (text: string) =>
    decodeOne(logged([{ type: c.NFULA_TIMESTAMP, value: hex(text) }]));
  assertEquals(stamp("0000000000000000 0000000000000000").timestamp, 0);
  assertEquals(stamp("0000000000000001 00000000000f423f").timestamp, 1_999_999);
  assertEquals(stamp("0000000100000000 0000000000000000").timestamp, 2 ** 32 * 1e6);
  assertEquals(isMalformed(c.NFULA_TIMESTAMP, hex("0000000000000001 00000000000f4240")), true);
  assertEquals(isMalformed(c.NFULA_TIMESTAMP, hex("0000000000000001 0000000100000000")), true);
});

Deno.test("Numbers of 32 bits are never negative", () => {
  const most = [c.NFULA_MARK, c.NFULA_UID, c.NFULA_GID, c.NFULA_SEQ_GLOBAL, c.NFULA_IFINDEX_INDEV];
  const { mark, uid, gid, seqGlobal, inDev } = decodeOne(
    logged(most.map((type) => ({ type, value: be32(0xffffffff) }))),
  );
  assertEquals([mark, uid, gid, seqGlobal, inDev?.index], Array(5).fill(0xffffffff));
});

Deno.test("A VLAN attribute may have its parts in any order, unknown ones, or one only", () => {
  const vlanOf = (value: Uint8Array) => decodeOne(logged([{ type: c.NFULA_VLAN, value }])).vlan;
  const proto = { type: c.NFULA_VLAN_PROTO, value: be16(0x88a8) };
  const tci = { type: c.NFULA_VLAN_TCI | 0x4000, value: be16(7) };
  const unknown = { type: 9, value: hex("010203") };
  const tag = { protocol: 0x88a8, id: 7, priority: 0, dropEligible: false };
  assertEquals(vlanOf(encodeAttributes([tci, unknown, proto])), tag);
  assertEquals(vlanOf(encodeAttributes([proto])), undefined);
  assertEquals(vlanOf(hex("")), undefined);
});

Deno.test("A VLAN attribute whose parts lie about their length is malformed", () => {
  assertEquals(isMalformed(c.NFULA_VLAN, hex("0500 0100 81000000")), true); // one byte, not two
  assertEquals(isMalformed(c.NFULA_VLAN, hex("0900 0100 81000000")), true); // beyond its end
  assertEquals(isMalformed(c.NFULA_VLAN, hex("0300 0100 81000000")), true); // less than a header
  assertEquals(isMalformed(c.NFULA_VLAN, hex("0600 0200 0007 0000")), false);
});

Deno.test("A number shorter than its type is malformed, a longer one is read from its start", () => {
  const sizes: [type: number, least: number][] = [
    [c.NFULA_PACKET_HDR, 4],
    [c.NFULA_MARK, 4],
    [c.NFULA_TIMESTAMP, 16],
    [c.NFULA_IFINDEX_INDEV, 4],
    [c.NFULA_IFINDEX_OUTDEV, 4],
    [c.NFULA_IFINDEX_PHYSINDEV, 4],
    [c.NFULA_IFINDEX_PHYSOUTDEV, 4],
    [c.NFULA_HWADDR, 4],
    [c.NFULA_UID, 4],
    [c.NFULA_GID, 4],
    [c.NFULA_SEQ, 4],
    [c.NFULA_SEQ_GLOBAL, 4],
    [c.NFULA_HWTYPE, 2],
  ];
  for (const [type, least] of sizes) {
    for (let size = 0; size < least; size++) {
      assertEquals(isMalformed(type, new Uint8Array(size)), true, `type ${type}, ${size} bytes`);
    }
    assertEquals(isMalformed(type, new Uint8Array(least)), false, `type ${type}`);
    assertEquals(isMalformed(type, new Uint8Array(least + 4)), false, `type ${type}`);
  }
});
