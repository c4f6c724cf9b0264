import { assertEquals } from "@std/assert";
import { hex, icmp, ipv4, ipv6, packetOf, tcp, udp } from "./sample.ts";

Deno.test("A TCP header is read field by field", () => {
  const header = packetOf(ipv4(6, tcp(443, 0x12))).tcp;
  assertEquals(header?.sourcePort, 40000);
  assertEquals(header?.destinationPort, 443);
  assertEquals(header?.sequenceNumber, 0x89abcdef);
  assertEquals(header?.acknowledgmentNumber, 0x76543210);
  assertEquals(header?.flags, 0x12);
  assertEquals(header?.flagNames, "ACK,SYN");
  assertEquals(header?.window, 65000);
});

Deno.test("Each TCP flag has its name, from the highest bit down", () => {
  const namesOf = (flags: number) => packetOf(ipv4(6, tcp(1, flags))).tcp?.flagNames;
  assertEquals(
    [0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01].map(namesOf),
    ["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"],
  );
  assertEquals(namesOf(0xff), "CWR,ECE,URG,ACK,PSH,RST,SYN,FIN");
  assertEquals(namesOf(0), "none");
});

Deno.test("A UDP header is read field by field", () => {
  const header = packetOf(ipv4(17, hex("9c40 0035 0123 beef"))).udp;
  assertEquals(header?.sourcePort, 40000);
  assertEquals(header?.destinationPort, 53);
  assertEquals(header?.length, 0x123);
});

Deno.test("A UDP header is found in IPv6 too", () => {
  assertEquals(packetOf(ipv6(17, udp(5353)), { family: 10 }).udp?.destinationPort, 5353);
});

Deno.test("An ICMP echo has an identifier and a sequence number", () => {
  const request = packetOf(ipv4(1, icmp(8))).icmp;
  assertEquals([request?.type, request?.code, request?.echo], [8, 0, "request"]);
  assertEquals([request?.identifier, request?.sequenceNumber], [7, 9]);
  assertEquals(packetOf(ipv4(1, icmp(0))).icmp?.echo, "reply");
});

Deno.test("Another ICMP message has neither", () => {
  const unreachable = packetOf(ipv4(1, icmp(3, 1))).icmp;
  assertEquals([unreachable?.type, unreachable?.code, unreachable?.echo], [3, 1, undefined]);
  assertEquals([unreachable?.identifier, unreachable?.sequenceNumber], [undefined, undefined]);
});

Deno.test("ICMPv6 has numbers of its own for echoes", () => {
  const echoOf = (type: number) => packetOf(ipv6(58, icmp(type)), { family: 10 }).icmpv6?.echo;
  assertEquals([128, 129, 8, 0].map(echoOf), ["request", "reply", undefined, undefined]);
  assertEquals(packetOf(ipv4(1, icmp(128))).icmp?.echo, undefined);
});
