import { assertEquals } from "@std/assert";
import { concat, hex, ipv4, ipv6, jumbogram, packetOf, udp } from "./sample.ts";

Deno.test("originalLength is that of the IP header, however little was captured", () => {
  const four = ipv4(17, udp(), { totalLength: 1500 });
  for (const length of [4, 20, 32]) {
    assertEquals(packetOf(four.subarray(0, length)).originalLength, 1500);
  }
  const six = ipv6(17, udp(), { payloadLength: 1460 });
  for (const length of [6, 40, 52]) {
    assertEquals(packetOf(six.subarray(0, length), { family: 10 }).originalLength, 1500);
  }
});

Deno.test("originalLength is the captured length where the IP header's length field was cut", () => {
  const four = ipv4(17, udp(), { totalLength: 1500 });
  for (const length of [1, 2, 3]) {
    assertEquals(packetOf(four.subarray(0, length)).originalLength, length);
  }
  const six = ipv6(17, udp(), { payloadLength: 1460 });
  for (const length of [1, 5]) {
    assertEquals(packetOf(six.subarray(0, length), { family: 10 }).originalLength, length);
  }
});

Deno.test("originalLength is never less than was captured", () => {
  // Devices with offload leave 0 in the headers of packets larger than 64 KiB.
  assertEquals(packetOf(ipv4(17, udp(), { totalLength: 0 })).originalLength, 32);
  const jumbo = ipv6(17, udp(), { payloadLength: 0 });
  assertEquals(packetOf(jumbo, { family: 10 }).originalLength, 52);
});

Deno.test("The length of an IPv6 jumbogram is that of its option", () => {
  const before = [
    hex(""),
    hex("01 06 000000000000"), // PadN
    hex("00 00 00 00 00 00 00 00"), // Pad1
    hex("05 02 0000 01 02 0000"), // a router alert, PadN
  ];
  for (const options of before) {
    const packet = packetOf(jumbogram(198_572, options), { family: 10 });
    assertEquals(packet.originalLength, 198_612);
    assertEquals(packet.ipv6?.totalLength, 198_612);
    assertEquals([packet.ipv6?.payloadLength, packet.defect], [0, undefined]);
    assertEquals(packet.tcp?.destinationPort, 443);
  }
  // After VLAN tags that were left in the frame, of a bridge.
  const tagged = concat(hex("0064 86dd"), jumbogram(198_572));
  assertEquals(packetOf(tagged, { family: 7, hwProtocol: 0x8100 }).originalLength, 198_616);
});

Deno.test("A jumbogram's option that is truncated, too small or incomplete is ignored", () => {
  const length = (payload: Uint8Array) => packetOf(payload, { family: 10 }).originalLength;
  const whole = jumbogram(198_572);
  for (let captured = 41; captured < 48; captured++) {
    assertEquals(length(whole.subarray(0, captured)), captured);
  }
  assertEquals(length(whole.subarray(0, 48)), 198_612);
  assertEquals(length(jumbogram(65_535)), 68);
  const odd = jumbogram(198_572);
  odd[43] = 3;
  assertEquals(length(odd), 68);
  const other = jumbogram(198_572);
  other[6] = 60; // options for the destination
  assertEquals(length(other), 68);
  const both = jumbogram(198_572);
  both[5] = 28; // the header has a length, too
  assertEquals(length(both), 68);
});

Deno.test("The length of a jumbogram that claims 4 GiB is limited to a signed 32-bit number", () => {
  assertEquals(packetOf(jumbogram(0xffff_ffff), { family: 10 }).originalLength, 0x7fff_ffff);
});

Deno.test("originalLength is the captured length for anything but IP", () => {
  const arp = hex("0001 0800 06 04 0001 02005e100001 c0000201 000000000000 c0000202");
  assertEquals(packetOf(arp, { family: 3, hwProtocol: 0x0806 }).originalLength, 28);
});

Deno.test("originalLength is 0 for an empty payload and absent without one", () => {
  assertEquals(packetOf(new Uint8Array(0)).originalLength, 0);
  assertEquals(packetOf(undefined).originalLength, undefined);
});

Deno.test("originalLength reaches the largest packet there is", () => {
  assertEquals(packetOf(ipv4(17, udp(), { totalLength: 65535 })).originalLength, 65535);
  const six = ipv6(17, udp(), { payloadLength: 65535 });
  assertEquals(packetOf(six, { family: 10 }).originalLength, 65575);
});
