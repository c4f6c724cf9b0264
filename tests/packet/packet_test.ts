import { assertEquals } from "@std/assert";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Packet } from "../../src/packet/packet.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import { namesOf } from "./observe.ts";
import { hex, packetOf } from "./sample.ts";

Deno.test("Everything that the source did not provide is absent, except the time of receipt", () => {
  const raw = new RawPacket(new InterfaceTable());
  raw.receivedSeconds = 1;
  const packet = new Packet(raw);
  const present = namesOf(packet).filter((name) => packet[name as keyof Packet] !== undefined);
  assertEquals(present, ["time", "vlans"]);
  assertEquals(packet.vlans, []);
});

Deno.test("A value of 0 is a value", () => {
  const zero = { family: 0, hwProtocol: 0, hook: 0, mark: 0, uid: 0, gid: 0, seq: 0, hwType: 0 };
  const packet = packetOf(undefined, zero);
  const { family, hwProtocol, hook, mark, uid, gid, seq, hardwareType } = packet;
  assertEquals({ family, hwProtocol, hook, mark, uid, gid, seq, hwType: hardwareType }, zero);
});

Deno.test("timestamp is in microseconds and drops what is finer", () => {
  const packet = packetOf(undefined, { seconds: 1_600_000_001, nanoseconds: 123_456_999 });
  assertEquals(packet.timestamp, 1_600_000_001_123_456);
});

Deno.test("time is the kernel's stamp, else the time of receipt", () => {
  const received = { receivedSeconds: 10, receivedNanoseconds: 5_000 };
  assertEquals(packetOf(undefined, received).time, 10_000_005);
  assertEquals(packetOf(undefined, received).timestamp, undefined);
  const stamped = packetOf(undefined, { ...received, seconds: 3, nanoseconds: 7_000 });
  assertEquals(stamped.time, 3_000_007);
});

Deno.test("A kernel's stamp of 0 is a stamp", () => {
  const packet = packetOf(undefined, { receivedSeconds: 10, seconds: 0, nanoseconds: 0 });
  assertEquals([packet.timestamp, packet.time], [0, 0]);
});

Deno.test("A VLAN tag is taken apart", () => {
  const tagOf = (vlanTci: number) => packetOf(undefined, { vlanProtocol: 0x8100, vlanTci }).vlan;
  assertEquals(tagOf(0xb064), { protocol: 0x8100, id: 100, priority: 5, dropEligible: true });
  assertEquals(tagOf(0x0fff), { protocol: 0x8100, id: 4095, priority: 0, dropEligible: false });
  assertEquals(tagOf(0xe000), { protocol: 0x8100, id: 0, priority: 7, dropEligible: false });
});

Deno.test("Half a VLAN tag is none", () => {
  assertEquals(packetOf(undefined, { vlanProtocol: 0x8100 }).vlan, undefined);
  assertEquals(packetOf(undefined, { vlanTci: 100 }).vlan, undefined);
});

Deno.test("hardwareHeader is the input device's, else the one of bridge and netdev packets", () => {
  const bytes = hex("aabb ccdd");
  const hw = { hwHeaderOffset: 0, hwHeaderLength: 2 };
  const l2 = { l2HeaderOffset: 2, l2HeaderLength: 2 };
  assertEquals(packetOf(bytes, hw).hardwareHeader, hex("aabb"));
  assertEquals(packetOf(bytes, l2).hardwareHeader, hex("ccdd"));
  assertEquals(packetOf(bytes, { ...hw, ...l2 }).hardwareHeader, hex("aabb"));
});

Deno.test("prefix is empty if the rule has none, and absent if it is unknown", () => {
  assertEquals(packetOf(hex("41"), { prefixOffset: 0, prefixLength: 0 }).prefix, "");
  assertEquals(packetOf(hex("41")).prefix, undefined);
});

Deno.test("prefix is UTF-8, and bytes that are none are replaced", () => {
  const prefixOf = (bytes: Uint8Array) => packetOf(bytes, { prefixLength: bytes.length }).prefix;
  assertEquals(prefixOf(hex("c3a9e29c93")), "é✓");
  assertEquals(prefixOf(hex("61 ff 62")), "a\ufffdb");
});

Deno.test("prefix keeps a byte order mark at its start, as the rule has it", () => {
  assertEquals(packetOf(hex("efbbbf 41"), { prefixLength: 4 }).prefix, "\ufeffA");
});

Deno.test("An interface of a packet has its name from the source's table", () => {
  const interfaces = new InterfaceTable().with([[2, "eth0"]]);
  const devices = { inDev: 2, outDev: 3, physInDev: 4, physOutDev: 5 };
  const packet = packetOf(undefined, { ...devices, interfaces });
  assertEquals([packet.inDev?.index, packet.inDev?.name], [2, "eth0"]);
  const indexes = [packet.outDev, packet.physInDev, packet.physOutDev].map((device) =>
    device?.index
  );
  assertEquals(indexes, [3, 4, 5]);
});
