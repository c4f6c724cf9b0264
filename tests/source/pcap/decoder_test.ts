import { assertEquals } from "@std/assert";
import { ABSENT } from "../../../src/packet/absent.ts";
import { decoders } from "../../../src/source/decoders.ts";
import { PcapDecoder } from "../../../src/source/pcap/decoder.ts";
import { hex, ipv4, ipv6, tcp, udp } from "../../packet/sample.ts";
import { batch, decodeBatch, decodeRecord } from "./sample.ts";

const RAW = 101;

Deno.test("A batch as it lies in memory gives its packet, byte by byte", () => {
  const bytes = hex(`
    00f15365            # 1700000000 seconds
    15cd5b07            # 123456789 nanoseconds
    1c000000            # 28 bytes captured
    64000000            # of 100
    65000000            # link type 101, RAW, no flags
    00000000            # no interface
    45 00 0064 0001 4000 40 11 0000 c0000201 c0000202   # IPv4, UDP
    9c40 0035 0050 0000                                 # 40000 to 53`);
  const [packet] = decodeBatch(bytes);
  assertEquals(packet?.timestamp, 1_700_000_000_123_456);
  assertEquals(packet?.time, 1_700_000_000_123_456);
  assertEquals([packet?.family, packet?.hwProtocol], [2, 0x0800]);
  assertEquals([packet?.payload?.length, packet?.originalLength], [28, 100]);
  assertEquals([packet?.source, packet?.destinationPort], ["192.0.2.1", 53]);
  assertEquals([packet?.prefix, packet?.hook, packet?.ethernet], [undefined, undefined, undefined]);
});

Deno.test("A RAW packet is IPv4 or IPv6 by its first byte, else of unknown kind", () => {
  assertEquals(decodeRecord(RAW, ipv4(6, tcp())).tcp?.destinationPort, 443);
  const six = decodeRecord(RAW, ipv6(17, udp()));
  assertEquals([six.family, six.hwProtocol, six.udp?.destinationPort], [10, 0x86dd, 53]);
  const other = decodeRecord(RAW, hex("00 01 02 03"));
  assertEquals([other.family, other.hwProtocol], [undefined, undefined]);
  assertEquals(other.payload, hex("00010203"));
});

Deno.test("Link types IPV4 and IPV6 determine the IP version", () => {
  assertEquals(decodeRecord(228, ipv4(6, tcp())).family, 2);
  assertEquals(decodeRecord(229, ipv6(6, tcp())).tcp?.destinationPort, 443);
});

Deno.test("Records follow each other at multiples of 4, whatever their length", () => {
  const data = [0, 1, 2, 3].map((length) => ipv4(17, udp(53, new Uint8Array(length))));
  const packets = decodeBatch(batch(RAW, data));
  assertEquals(packets.map(({ payload }) => payload?.length), [28, 29, 30, 31]);
  assertEquals(packets.map(({ time }) => time - packets[0]!.time), [0, 1e6, 2e6, 3e6]);
});

Deno.test("The copy range cuts packets, not those that are shorter, and 0 keeps all", () => {
  const data = [ipv4(17, udp(53, new Uint8Array(200))), ipv4(17, udp())];
  const lengths = (copyRange: number) =>
    decodeBatch(batch(RAW, data), new PcapDecoder({ copyRange })).map(({ payload }) =>
      payload?.length
    );
  assertEquals(lengths(100), [100, 32]);
  assertEquals(lengths(0), [228, 32]);
});

Deno.test("Records that are too short for their link type are malformed, those after them are not", () => {
  const empty = new Uint8Array(0);
  for (
    const [linkType, data] of [[RAW, empty], [228, empty], [1, new Uint8Array(13)], [
      239,
      new Uint8Array(3),
    ]] as const
  ) {
    const decoder = new PcapDecoder();
    const good = linkType === 239
      ? hex("02 00 0001")
      : linkType === 1
      ? new Uint8Array(14)
      : ipv4(17, udp());
    assertEquals(decodeBatch(batch(linkType, [data, good]), decoder).length, 1);
    assertEquals([decoder.received, decoder.malformed, decoder.lost], [2, 1, 0]);
  }
});

Deno.test("A record that reaches beyond its batch is malformed and ends it", () => {
  const bytes = batch(RAW, [ipv4(17, udp()), ipv4(17, udp())]);
  for (const length of [bytes.length - 4, bytes.length - 32, bytes.length - 33]) {
    const decoder = new PcapDecoder();
    assertEquals(decodeBatch(bytes.subarray(0, length), decoder).length, 1);
    assertEquals([decoder.received, decoder.malformed], [2, 1]);
  }
  const decoder = new PcapDecoder();
  assertEquals(decodeBatch(bytes.subarray(0, 4), decoder), []);
  assertEquals([decoder.received, decoder.malformed], [1, 1]);
});

Deno.test("There are no sequence numbers and no losses, and forget() changes nothing", () => {
  const decoder = decoders.pcap!.make({ copyRange: 0 });
  decodeBatch(batch(RAW, [ipv4(17, udp())]), decoder as PcapDecoder);
  decoder.forget();
  assertEquals([decoder.firstSeq, decoder.nextSeq, decoder.lost], [ABSENT, ABSENT, 0]);
  assertEquals(decoder.received, 1);
});
