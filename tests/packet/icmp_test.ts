import { assertEquals } from "@std/assert";
import { concat, hex, icmp, ipv4, ipv6, packetOf, tcp, udp } from "./sample.ts";

const four = (bytes: string) => packetOf(ipv4(1, hex(bytes))).icmp;
const six = (bytes: string) => packetOf(ipv6(58, hex(bytes)), { family: 10 }).icmpv6;

Deno.test("Every ICMP query has an identifier and a sequence number", () => {
  for (const type of [0, 8, 13, 14, 15, 16, 17, 18]) {
    const query = packetOf(ipv4(1, icmp(type))).icmp;
    assertEquals([query?.identifier, query?.sequenceNumber], [7, 9]);
  }
  const extended = four("2a 00 0000 0007 09 01"); // extended echo request
  assertEquals([extended?.identifier, extended?.sequenceNumber], [7, 9]);
});

Deno.test("ICMP errors have gateway, MTU and pointer", () => {
  assertEquals(four("05 01 0000 c0000263")?.gateway, "192.0.2.99");
  assertEquals(four("03 04 0000 0000 05dc")?.mtu, 1500);
  assertEquals(four("03 01 0000 0000 05dc")?.mtu, undefined);
  assertEquals(four("0c 00 0000 14 000000")?.pointer, 20);
  const unknown = four("fd 07 beef 01020304 05");
  assertEquals([unknown?.type, unknown?.code, unknown?.checksum], [253, 7, 0xbeef]);
  assertEquals([unknown?.restOfHeader, unknown?.data], [0x01020304, hex("05")]);
  assertEquals([unknown?.gateway, unknown?.mtu, unknown?.pointer], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("An ICMP error has the packet that it is about, as much as it quotes", () => {
  for (const type of [3, 4, 5, 11, 12]) {
    const quoted = ipv4(6, tcp()).subarray(0, 28);
    const { icmp: error } = packetOf(ipv4(1, concat(icmp(type).fill(0, 4), quoted)));
    const { embedded } = error!;
    assertEquals(embedded?.ip?.destination, "198.51.100.2");
    assertEquals([embedded?.source, embedded?.protocol], ["192.0.2.1", 6]);
    // The ports are quoted, the rest of the TCP header is not.
    assertEquals([embedded?.sourcePort, embedded?.destinationPort], [40000, 443]);
    assertEquals([embedded?.tcp, embedded?.defect], [undefined, {
      layer: "tcp",
      kind: "truncated",
    }]);
  }
  assertEquals(packetOf(ipv4(1, icmp(8))).icmp?.embedded, undefined);
  assertEquals(packetOf(ipv4(1, icmp(3))).icmp?.embedded, undefined); // nothing is quoted
});

Deno.test("An error may quote an error", () => {
  const inner = ipv4(1, concat(icmp(11).fill(0, 4), ipv4(17, udp())));
  const { icmp: outer } = packetOf(ipv4(1, concat(icmp(3).fill(0, 4), inner)));
  assertEquals(outer?.embedded?.icmp?.type, 11);
  assertEquals(outer?.embedded?.icmp?.embedded?.udp?.destinationPort, 53);
});

Deno.test("Extensions after the quoted packet are not part of it", () => {
  const quoted = ipv4(17, udp(53, new Uint8Array(100)));
  const error = hex("03 03 0000 00 07 0000"); // 7 * 4 bytes are quoted
  const { embedded } = packetOf(ipv4(1, concat(error, quoted))).icmp!;
  assertEquals(embedded?.udp?.destinationPort, 53);
  error[5] = 6;
  const less = packetOf(ipv4(1, concat(error, quoted))).icmp!.embedded;
  assertEquals([less?.udp, less?.destinationPort], [undefined, 53]);
});

Deno.test("ICMPv6 errors have MTU, pointer and the quoted packet", () => {
  assertEquals(six("02 00 0000 00000500")?.mtu, 1280);
  assertEquals(six("04 00 0000 00000028")?.pointer, 40);
  for (const type of [1, 2, 3, 4]) {
    const error = concat(icmp(type).fill(0, 4), ipv6(17, udp()));
    const { embedded } = packetOf(ipv6(58, error), { family: 10 }).icmpv6!;
    assertEquals([embedded?.ipv6?.source, embedded?.udp?.destinationPort], ["2001:db8::1", 53]);
  }
  assertEquals(six("80 00 0000 00070009")?.embedded, undefined);
});

Deno.test("Neighbour discovery has its target and its options", () => {
  const target = "fe800000000000000000000000000001";
  const solicitation = six(`
    87 00 0000 00000000 ${target}
    01 01 02005e100001    # source link address
    05 01 0000 00000500   # MTU
    01 00`);
  assertEquals(solicitation?.target, "fe80::1");
  assertEquals(solicitation?.options, [
    { type: 1, data: hex("02005e100001") },
    { type: 5, data: hex("0000 00000500") },
  ]);
  const router = six("86 00 0000 40 00 0708 00000000 00000000 01 01 02005e100001");
  assertEquals([router?.target, router?.options?.length], [undefined, 1]);
  assertEquals(six("85 00 0000 00000000 01 01 02005e100001")?.options?.length, 1);
  const redirect = six(`89 00 0000 00000000 ${target} 20010db8 00000000 00000000 00000009`);
  assertEquals([redirect?.target, redirect?.redirectDestination], ["fe80::1", "2001:db8::9"]);
  assertEquals(six("87 00 0000 00000000 fe80")?.target, undefined); // cut
  assertEquals(six("80 00 0000 00000000")?.options, undefined);
});

Deno.test("Multicast listener discovery has its group", () => {
  assertEquals(six("83 00 0000 00000000 ff0200000000000000000000000000fb")?.group, "ff02::fb");
  assertEquals(six("80 00 0000 00000000 ff0200000000000000000000000000fb")?.group, undefined);
});
