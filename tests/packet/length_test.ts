import { assertEquals } from "@std/assert";
import { hex, ipv4, ipv6, packetOf, udp } from "./sample.ts";

Deno.test("originalLength is what the IP header says, however little was captured", () => {
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
  // Offloading devices leave 0 in the headers of packets larger than 64 KiB.
  assertEquals(packetOf(ipv4(17, udp(), { totalLength: 0 })).originalLength, 32);
  const jumbo = ipv6(17, udp(), { payloadLength: 0 });
  assertEquals(packetOf(jumbo, { family: 10 }).originalLength, 52);
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
