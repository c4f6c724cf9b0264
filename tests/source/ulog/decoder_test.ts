import { assertEquals } from "@std/assert";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Memory } from "../../../src/bytes/memory.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import { LAYOUT_32, LAYOUT_64, NLMSG_DONE } from "../../../src/source/ulog/constants.ts";
import { UlogDecoder } from "../../../src/source/ulog/decoder.ts";
import { concat, hex, ipv4, tcp, udp } from "../../packet/sample.ts";
import { netlink, ulogDatagram, type UlogPacket } from "./sample.ts";

const INTERFACES = new InterfaceTable().with([[1, "lo"], [2, "eth0"]]);

/** Decodes a datagram; each packet is kept. */
function decode(datagram: Uint8Array, copyRange = 0, interfaces = INTERFACES) {
  const memory = new Memory(new ArrayBuffer((datagram.length + 3) & ~3));
  memory.bytes.set(datagram);
  const decoder = new UlogDecoder({ copyRange });
  decoder.begin(memory, 0, datagram.length, 1_700_000_000, 5000);
  const packets: Packet[] = [];
  const raw = new RawPacket(interfaces);
  while (decoder.next(raw)) packets.push(new Packet(raw).copy());
  const { received, malformed, lost, firstSeq } = decoder;
  return { packets, received, malformed, lost, firstSeq };
}

const FULL: UlogPacket = {
  mark: 0xffffffff,
  seconds: 1_300_000_000,
  microseconds: 999_999,
  hook: 1,
  inDevice: "eth0",
  outDevice: "a-name-of-15-by",
  prefix: "caught: ",
  mac: hex("02005e100001 02005e100002 0800"),
  payload: ipv4(6, tcp(80)),
};

for (const [bits, layout] of [[64, LAYOUT_64], [32, LAYOUT_32]] as const) {
  Deno.test(`every field of a message of ${bits} bits reaches the packet`, () => {
    const { packets: [packet], received, malformed } = decode(ulogDatagram([FULL], layout));
    assertEquals([received, malformed], [1, 0]);
    assertEquals(packet!.mark, 0xffffffff);
    assertEquals(packet!.timestamp, 1_300_000_000_999_999);
    assertEquals(packet!.hook, 1);
    assertEquals([packet!.inDev?.name, packet!.inDev?.index], ["eth0", 2]);
    assertEquals(packet!.outDev?.name, "a-name-of-15-by");
    assertEquals(packet!.prefix, "caught: ");
    assertEquals(packet!.hardwareAddress, "02:00:5e:10:00:02");
    assertEquals(packet!.ethernet?.destination, "02:00:5e:10:00:01");
    assertEquals(packet!.payload, FULL.payload);
    assertEquals([packet!.family, packet!.hwProtocol, packet!.tcp?.destinationPort], [
      2,
      0x800,
      80,
    ]);
    assertEquals([packet!.seq, packet!.uid], [undefined, undefined]);
  });

  Deno.test(`absent values of a message of ${bits} bits are absent`, () => {
    const { packets: [packet] } = decode(ulogDatagram([{ payload: ipv4(17, udp()) }], layout));
    assertEquals(packet!.timestamp, undefined);
    assertEquals(packet!.time, 1_700_000_000_000_005);
    assertEquals([packet!.inDev, packet!.outDev, packet!.hardwareAddress], [
      undefined,
      undefined,
      undefined,
    ]);
    assertEquals([packet!.prefix, packet!.mark], ["", 0]);
  });

  Deno.test(`the last message of a batch of ${bits} bits is NLMSG_DONE and has a packet`, () => {
    const packets = [1, 2, 3].map((size) => ({
      ...FULL,
      payload: ipv4(17, udp(53, new Uint8Array(size))),
    }));
    const found = decode(ulogDatagram(packets, layout));
    assertEquals(found.packets.map(({ payload }) => payload!.length), [29, 30, 31]);
    assertEquals([found.received, found.lost, found.firstSeq], [3, 0, -1]);
  });
}

Deno.test("an NLMSG_DONE without a packet ends a batch, and nothing more", () => {
  const datagram = concat(ulogDatagram([FULL]), netlink(NLMSG_DONE, new Uint8Array(4)));
  const { packets, received, malformed } = decode(datagram);
  assertEquals([packets.length, received, malformed], [1, 1, 0]);
});

Deno.test("a shorter copy range cuts, a longer one does not add", () => {
  assertEquals(decode(ulogDatagram([FULL]), 25).packets[0]!.payload, FULL.payload.slice(0, 25));
  assertEquals(decode(ulogDatagram([FULL]), 1000).packets[0]!.payload, FULL.payload);
});

Deno.test("names of any bytes and without an end stay within their field", () => {
  const packet = { ...FULL, inDevice: "x".repeat(16), prefix: new Uint8Array(32).fill(0xff) };
  const [found] = decode(ulogDatagram([packet])).packets;
  assertEquals(found!.inDev?.name, "x".repeat(16));
  assertEquals(found!.prefix?.length, 32);
});

Deno.test("thousands of names take no more memory than some", () => {
  const names = Array.from({ length: 3000 }, (_, index) => ({ ...FULL, inDevice: `d${index}` }));
  const { packets } = decode(ulogDatagram(names));
  assertEquals(packets.map(({ inDev }) => inDev!.name), names.map(({ inDevice }) => inDevice));
  assertEquals(new Set(packets.map(({ inDev }) => inDev!.index)).size < 1100, true);
});
