import { assertEquals } from "@std/assert";
import { hardwareText, ipv4Text, ipv6Text } from "../../src/packet/address.ts";
import { hex } from "./sample.ts";

/** Addresses and their canonical form; the sections are those of RFC 5952. */
const IPV6 = [
  ["20010db8000000000000000000000001", "2001:db8::1"], // 4.1: no leading zeros
  ["20010db8000000000000000000020001", "2001:db8::2:1"], // 4.2.1: shortened as much as possible
  ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"], // 4.2.2: not a single group
  ["20010000000000010000000000000001", "2001:0:0:1::1"], // 4.2.3: the longest run
  ["20010db8000000000001000000000001", "2001:db8::1:0:0:1"], // 4.2.3: the first of two
  ["20010db800000000aaaabbbb0000cccc", "2001:db8::aaaa:bbbb:0:cccc"], // 4.3: lower case
  ["00000000000000000000000000000000", "::"],
  ["00000000000000000000000000000001", "::1"],
  ["20010db8000000000000000000000000", "2001:db8::"],
  ["00010002000300040005000600070008", "1:2:3:4:5:6:7:8"],
  ["00000001000000010000000100000001", "0:1:0:1:0:1:0:1"],
  ["00000000000100020003000400050006", "::1:2:3:4:5:6"],
  ["00010002000300040005000600000000", "1:2:3:4:5:6::"],
  ["fe80000000000000020c29fffe000001", "fe80::20c:29ff:fe00:1"],
  ["00000000000000000000ffffc0000201", "::ffff:192.0.2.1"], // 5: IPv4-mapped
  ["00000000000000000000ffff00000000", "::ffff:0.0.0.0"],
  ["00000000000000010000ffffc0000201", "::1:0:ffff:c000:201"], // nearly IPv4-mapped
  ["0064ff9b0000000000000000c0000201", "64:ff9b::c000:201"],
] as const;

Deno.test("ipv6Text() writes the canonical form of RFC 5952", () => {
  for (const [bytes, text] of IPV6) assertEquals(ipv6Text(hex(bytes), 0), text);
});

Deno.test("ipv6Text() begins at its offset", () => {
  assertEquals(ipv6Text(hex(`ffff 20010db8 00000000 00000000 00000001 ffff`), 2), "2001:db8::1");
});

Deno.test("ipv4Text() writes four decimal numbers", () => {
  assertEquals(ipv4Text(hex("ff c0000201 ff"), 1), "192.0.2.1");
  assertEquals(ipv4Text(hex("00000000"), 0), "0.0.0.0");
  assertEquals(ipv4Text(hex("ffffffff"), 0), "255.255.255.255");
});

Deno.test("hardwareText() writes as many bytes as the address has", () => {
  const bytes = hex("ff 02005e100001 0000 ff");
  assertEquals(hardwareText(bytes, 1, 6), "02:00:5e:10:00:01");
  assertEquals(hardwareText(bytes, 1, 8), "02:00:5e:10:00:01:00:00");
  assertEquals(hardwareText(bytes, 1, 1), "02");
});
