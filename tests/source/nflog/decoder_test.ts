import { assertEquals } from "@std/assert";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Memory } from "../../../src/bytes/memory.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import * as c from "../../../src/netlink/nflog/constants.ts";
import { NflogDecoder } from "../../../src/source/nflog/decoder.ts";
import { decoders } from "../../../src/source/decoders.ts";
import { observe } from "../../packet/observe.ts";
import { concat, hex } from "../../packet/sample.ts";
import { decodeAll, decodeIn, done, everyAttribute, logged, numbered } from "./sample.ts";

function countsOf({ received, lost, malformed }: NflogDecoder) {
  return { received, lost, malformed };
}

Deno.test("The messages of a datagram are packets, in order, and its end is none", () => {
  const decoder = new NflogDecoder();
  const packets = decodeAll(concat(numbered(0), numbered(1), numbered(2), done()), { decoder });
  assertEquals(packets.map(({ seq }) => seq), [0, 1, 2]);
  assertEquals(countsOf(decoder), { received: 3, lost: 0, malformed: 0 });
});

Deno.test("A datagram may begin anywhere in its memory", () => {
  const datagram = concat(logged(everyAttribute()), done());
  const alone = decodeAll(datagram).map(observe);
  for (const before of [4, 8, 400]) {
    assertEquals(decodeAll(datagram, { before, after: 40, fill: 0xff }).map(observe), alone);
  }
});

Deno.test("The last message of a datagram may lack its padding", () => {
  const message = logged([{ type: c.NFULA_PAYLOAD, value: hex("4500000000") }]);
  const exact = message.slice(0, message.length - 3);
  new DataView(exact.buffer).setUint32(0, exact.length, true);
  const memory = new Memory(new ArrayBuffer(message.length));
  memory.bytes.set(exact);
  const [packet] = decodeIn(memory, 0, exact.length, new NflogDecoder());
  assertEquals(packet?.payload, hex("4500000000"));
});

Deno.test("Messages that are not packets are skipped and not counted", () => {
  const config = logged([], { type: c.NFULNL_MSG_CONFIG });
  const error = logged([], { type: 2 });
  const decoder = new NflogDecoder();
  const packets = decodeAll(concat(error, numbered(0), config, numbered(1)), { decoder });
  assertEquals(packets.map(({ seq }) => seq), [0, 1]);
  assertEquals(countsOf(decoder), { received: 2, lost: 0, malformed: 0 });
});

Deno.test("A decoder without a datagram finds no packet", () => {
  const decoder = new NflogDecoder();
  assertEquals(decoder.next(new RawPacket(new InterfaceTable())), false);
  assertEquals(decodeAll(new Uint8Array(0), { decoder }), []);
  assertEquals(countsOf(decoder), { received: 0, lost: 0, malformed: 0 });
});

Deno.test("next() stays false at the end of a datagram, and counts nothing there", () => {
  const decoder = new NflogDecoder();
  decodeAll(concat(numbered(0), hex("ffff")), { decoder });
  const counts = countsOf(decoder);
  assertEquals(decoder.next(new RawPacket(new InterfaceTable())), false);
  assertEquals(countsOf(decoder), counts);
});

Deno.test("begin() forgets what was left of the datagram before", () => {
  const decoder = new NflogDecoder();
  const packet = new RawPacket(new InterfaceTable());
  const first = concat(numbered(0), numbered(1));
  const second = numbered(2);
  decoder.begin(new Memory(first.buffer), 0, first.length, 0, 0);
  assertEquals([decoder.next(packet), packet.seq], [true, 0]);
  decoder.begin(new Memory(second.buffer), 0, second.length, 0, 0);
  assertEquals([decoder.next(packet), packet.seq, decoder.next(packet)], [true, 2, false]);
});

Deno.test("Each packet has the time of its datagram's receipt", () => {
  const decoder = new NflogDecoder();
  const packet = new RawPacket(new InterfaceTable());
  const memory = new Memory(concat(numbered(0), numbered(1)).buffer);
  decoder.begin(memory, 0, memory.bytes.length, 12, 34);
  for (let n = 0; n < 2; n++) {
    decoder.next(packet);
    assertEquals([packet.receivedSeconds, packet.receivedNanoseconds], [12, 34]);
  }
});

Deno.test("A message whose length lies ends the datagram and is one malformed packet", () => {
  for (const length of [0, 1, 15, 0x7fffffff, 0x80000000, 0xfffffffd, 0xffffffff]) {
    const bad = numbered(1);
    new DataView(bad.buffer).setUint32(0, length, true);
    const decoder = new NflogDecoder();
    const packets = decodeAll(concat(numbered(0), bad, numbered(2)), { decoder });
    assertEquals(packets.map(({ seq }) => seq), [0], `length ${length}`);
    assertEquals(countsOf(decoder), { received: 2, lost: 0, malformed: 1 }, `length ${length}`);
  }
});

Deno.test("A message that is longer than what is left of the datagram is malformed", () => {
  const message = numbered(0);
  new DataView(message.buffer).setUint32(0, message.length + 1, true);
  const decoder = new NflogDecoder();
  assertEquals(decodeAll(message, { decoder, after: 64 }), []);
  assertEquals(countsOf(decoder), { received: 1, lost: 0, malformed: 1 });
});

Deno.test("A message too short for its nfgenmsg is malformed, and the next one is read", () => {
  for (let length = 16; length < 20; length++) {
    const short = logged([]).slice(0, 20);
    new DataView(short.buffer).setUint32(0, length, true);
    const decoder = new NflogDecoder();
    const datagram = concat(short.subarray(0, (length + 3) & ~3), numbered(1));
    assertEquals(decodeAll(datagram, { decoder }).map(({ seq }) => seq), [1]);
    assertEquals(countsOf(decoder), { received: 2, lost: 0, malformed: 1 });
  }
});

Deno.test("An attribute whose length lies makes its packet malformed, and the next one is read", () => {
  for (const length of [0, 3, 0xfff0, 0xffff]) {
    const bad = numbered(0);
    new DataView(bad.buffer).setUint16(20, length, true);
    const decoder = new NflogDecoder();
    const packets = decodeAll(concat(bad, numbered(1)), { decoder });
    assertEquals(packets.map(({ seq }) => seq), [1], `length ${length}`);
    assertEquals(countsOf(decoder), { received: 2, lost: 0, malformed: 1 }, `length ${length}`);
  }
});

Deno.test("The registry makes a decoder of its own for each source", () => {
  const [one, other] = [decoders.nflog!.make({}), decoders.nflog!.make({})];
  decodeAll(numbered(0), { decoder: one as NflogDecoder });
  assertEquals([one.received, other.received], [1, 0]);
});
