import { assertEquals, assertThrows } from "@std/assert";
import { ports } from "../../src/filter/ports.ts";
import { hex, icmp, ipv4, packetOf, tcp, udp } from "../packet/sample.ts";

Deno.test("ports() matches source, destination or either port", () => {
  const packet = packetOf(ipv4(17, udp())); // 40000 to 53
  const one = ports(53);
  assertEquals([one.source(packet), one.destination(packet), one.either(packet)], [
    false,
    true,
    true,
  ]);
  const high = ports("1024-65535");
  assertEquals([high.source(packet), high.destination(packet), high.either(packet)], [
    true,
    false,
    true,
  ]);
  assertEquals(ports(54).either(packet), false);
});

Deno.test("ports() knows every protocol that has ports, and no other", () => {
  const all = ports("0-65535");
  for (const protocol of [6, 17, 33, 132, 136]) {
    assertEquals(all.destination(packetOf(ipv4(protocol, tcp()))), true);
  }
  assertEquals(all.either(packetOf(ipv4(1, icmp(8)))), false);
  assertEquals(all.either(packetOf(ipv4(47, tcp()))), false);
  assertEquals(all.either(packetOf(ipv4(6, tcp(), { fragment: 1 }))), false);
  assertEquals(all.either(packetOf(ipv4(6, hex("9c4001")))), false);
  assertEquals(all.either(packetOf(undefined)), false);
});

Deno.test("A range has both of its ends", () => {
  const list = ports(22, "8000-8100", "53");
  const of = (...numbers: number[]) => numbers.map((port) => list.has(port));
  assertEquals(of(21, 22, 23, 53, 7999, 8000, 8100, 8101), [
    false,
    true,
    false,
    true,
    false,
    true,
    true,
    false,
  ]);
  assertEquals([ports(0).has(0), ports(65535).has(65535), ports().has(0)], [true, true, false]);
  assertEquals(of(22.5, -1, 65536 + 22, NaN), [false, false, false, false]);
});

Deno.test("ports() refuses an invalid port, and explains the notation", () => {
  for (const bad of ["", "http", "1-", "-1", "1-2-3", "1:2", " 1", "0x10"]) {
    assertThrows(() => ports(bad), TypeError, `Cannot compile the ports ${JSON.stringify(bad)}`);
  }
  for (const bad of [-1, 1.5, NaN, Infinity]) {
    assertThrows(() => ports(bad), TypeError, "write a port, as in 22");
  }
  assertThrows(() => ports(65536), RangeError, "ports are from 0 to 65535");
  assertThrows(() => ports("1-70000"), RangeError, "ports are from 0 to 65535");
  assertThrows(() => ports("90-80"), RangeError, 'it ends before it begins; write "80-90"');
});
