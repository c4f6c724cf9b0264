import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { StalePacketError } from "../../src/errors.ts";
import { Packet } from "../../src/packet/packet.ts";
import { Memory } from "../../src/bytes/memory.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import { decodeIn, everyAttribute, logged, numbered } from "../source/nflog/sample.ts";
import { namesOf, observe } from "./observe.ts";
import { concat, ipv4, packetOf, tcp } from "./sample.ts";

Deno.test("Every getter of a packet throws once its memory holds another packet", () => {
  const packet = packetOf(ipv4(6, tcp()));
  const raw = Packet.rawOf(packet);
  raw.reset(raw.bytes, 0, 0);
  const quiet = namesOf(packet).filter((name) => {
    try {
      packet[name as keyof Packet];
      return true;
    } catch (error) {
      if (!(error instanceof StalePacketError)) throw error;
      return false;
    }
  });
  assertEquals(quiet, []);
});

Deno.test("Methods of a packet throw, too, once its memory holds another packet", () => {
  const packet = packetOf(ipv4(6, tcp()));
  const raw = Packet.rawOf(packet);
  raw.reset(raw.bytes, 0, 0);
  assertThrows(() => String(packet), StalePacketError);
  assertThrows(() => packet.copy(), StalePacketError);
  assertThrows(() => Packet.rawOf(packet), StalePacketError);
});

Deno.test("A header that was read before is not handed out once the packet is stale", () => {
  const packet = packetOf(ipv4(6, tcp()));
  assertEquals(packet.tcp?.destinationPort, 443);
  const raw = Packet.rawOf(packet);
  raw.reset(raw.bytes, 0, 0);
  assertThrows(() => packet.tcp, StalePacketError);
  assertThrows(() => packet.ip, StalePacketError);
});

Deno.test("The message of StalePacketError has advice", () => {
  const { message } = new StalePacketError();
  assertStringIncludes(message, "its memory holds another packet by now");
  assertStringIncludes(message, "packet.copy()");
});

Deno.test("A decoder that fills a packet in again makes the one before stale", () => {
  const datagram = concat(numbered(0), numbered(1));
  const memory = new Memory(datagram.buffer);
  const decoder = new NflogDecoder();
  const raw = new RawPacket(new InterfaceTable());
  decoder.begin(memory, 0, datagram.length, 0, 0);
  decoder.next(raw);
  const first = new Packet(raw);
  assertEquals(first.seq, 0);
  decoder.next(raw);
  assertThrows(() => first.seq, StalePacketError);
  assertEquals(new Packet(raw).seq, 1);
});

Deno.test("A copy is the same packet, and stays so when the memory is written over", () => {
  const message = logged(everyAttribute());
  const memory = new Memory(new ArrayBuffer(message.length + 64));
  memory.bytes.set(message, 32);
  const packet = decodeIn(memory, 32, message.length, new NflogDecoder())[0]!;
  const before = observe(packet);
  const copy = packet.copy();
  assertEquals(observe(copy), before);
  memory.bytes.fill(0xff);
  Packet.rawOf(packet).reset(memory.bytes, 0, 0);
  assertEquals(observe(copy), before);
});

Deno.test("A copy holds no more memory than its packet has", () => {
  const datagram = concat(numbered(0), numbered(1), numbered(2));
  const packet = decodeIn(new Memory(datagram.buffer), 0, datagram.length, new NflogDecoder())[1]!;
  const { bytes } = Packet.rawOf(packet.copy());
  assertEquals(bytes.buffer.byteLength, numbered(1).length - 16); // without the netlink header
});

Deno.test("A copy of a copy is the same packet", () => {
  const packet = packetOf(ipv4(6, tcp()));
  assertEquals(observe(packet.copy().copy()), observe(packet));
});

Deno.test("A packet in shared memory is read and copied like any other", () => {
  const message = logged(everyAttribute());
  const shared = new Memory(new SharedArrayBuffer(message.length));
  shared.bytes.set(message);
  const own = new Memory(message.buffer);
  const [inShared] = decodeIn(shared, 0, message.length, new NflogDecoder());
  const [inOwn] = decodeIn(own, 0, message.length, new NflogDecoder());
  assertEquals(observe(inShared!), observe(inOwn!));
  const copy = inShared!.copy();
  assertEquals(Packet.rawOf(copy).bytes.buffer instanceof SharedArrayBuffer, false);
  assertEquals(observe(copy), observe(inOwn!));
});
