import { assertEquals, assertThrows } from "@std/assert";
import { cidr } from "../../src/filter/cidr.ts";
import { hex, ipv4, ipv6, packetOf, udp } from "../packet/sample.ts";
import { Random } from "../fuzz/random.ts";

const four = packetOf(ipv4(17, udp())); // 192.0.2.1 to 198.51.100.2
const six = packetOf(ipv6(17, udp()), { family: 10 }); // 2001:db8::1 to 2001:db8::2

Deno.test("cidr() matches source, destination or either address", () => {
  const inside = cidr("192.0.2.0/24", "2001:db8::1");
  for (const packet of [four, six]) {
    assertEquals(inside.source(packet), true);
    assertEquals(inside.destination(packet), false);
    assertEquals(inside.either(packet), true);
  }
  const outside = cidr("198.51.100.2/32", "2001:db8::2/127");
  for (const packet of [four, six]) {
    assertEquals([outside.source(packet), outside.destination(packet)], [false, true]);
    assertEquals(outside.either(packet), true);
  }
  assertEquals(cidr("10.0.0.0/8", "fe80::/10").either(four), false);
  assertEquals(cidr("10.0.0.0/8", "fe80::/10").either(six), false);
});

Deno.test("A packet that is not IP lies in no network, not even in all of them", () => {
  const all = cidr("0.0.0.0/0", "::/0");
  assertEquals([all.either(four), all.either(six)], [true, true]);
  const arp = hex("0001 0800 06 04 0001 02005e100001 c0000201 000000000000 c0000202");
  assertEquals(all.either(packetOf(arp, { family: 3 })), false);
  assertEquals(all.either(packetOf(undefined)), false);
  assertEquals(all.either(packetOf(ipv4(17, udp()).subarray(0, 19))), false);
});

Deno.test("A network begins at its first and ends at its last address", () => {
  const inside = cidr("10.1.2.64/26", "2001:db8:0:0:ff00::/72");
  const of = (...addresses: string[]) => addresses.map((address) => inside.contains(address));
  assertEquals(of("10.1.2.63", "10.1.2.64", "10.1.2.127", "10.1.2.128"), [
    false,
    true,
    true,
    false,
  ]);
  assertEquals(
    of(
      "2001:db8::feff:ffff:ffff:ffff",
      "2001:db8::ff00:0:0:0",
      "2001:db8::ffff:ffff:ffff:ffff",
      "2001:db8:0:1::",
    ),
    [false, true, true, false],
  );
});

Deno.test("cidr() distinguishes the halves of the address space, and IP versions", () => {
  assertEquals(cidr("128.0.0.0/1").contains("255.255.255.255"), true);
  assertEquals(cidr("128.0.0.0/1").contains("127.255.255.255"), false);
  assertEquals(cidr("0.0.0.0/0").contains("::"), false);
  assertEquals(cidr("::/0").contains("0.0.0.0"), false);
  assertEquals(cidr("10.0.0.0/8").contains("::ffff:10.0.0.1"), false);
  assertEquals(cidr("::ffff:10.0.0.0/104").contains("::ffff:a00:1"), true);
  assertEquals(cidr().contains("10.0.0.1"), false);
});

Deno.test("Many networks, some within others, hold what one of them holds", () => {
  const random = new Random(11);
  const networks = Array.from({ length: 300 }, () => {
    const prefix = 4 + random.below(29);
    return {
      prefix,
      base: prefix === 0 ? 0 : random.bits() >>> (32 - prefix) << (32 - prefix) >>> 0,
    };
  });
  const text = (word: number) =>
    `${word >>> 24}.${word >>> 16 & 255}.${word >>> 8 & 255}.${word & 255}`;
  const matcher = cidr(...networks.map(({ base, prefix }) => `${text(base)}/${prefix}`));
  for (let n = 0; n < 3000; n++) {
    const near = random.pick(networks).base + random.pick([-1, 0, 1, 255]) >>> 0;
    const address = random.pick([random.bits(), near]);
    const expected = networks.some(({ base, prefix }) => (address ^ base) >>> (32 - prefix) === 0);
    assertEquals(matcher.contains(text(address)), expected, text(address));
  }
});

Deno.test("cidr() reads IPv6 in every form of RFC 4291", () => {
  const same = (a: string, b: string) => cidr(a).contains(b);
  assertEquals(same("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), true);
  assertEquals(same("::", "0:0:0:0:0:0:0:0"), true);
  assertEquals(same("1::", "1:0:0:0:0:0:0:0"), true);
  assertEquals(same("::8", "0:0:0:0:0:0:0:8"), true);
  assertEquals(same("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), true);
  assertEquals(same("64:ff9b::192.0.2.1", "64:ff9b::c000:201"), true);
  assertEquals(same("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), true);
});

Deno.test("cidr() refuses an invalid network, and explains the notation", () => {
  const bad = [
    "",
    "10",
    "10.0.0",
    "10.0.0.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "10.0.0.0/",
    "1.2.3.4/a",
  ]
    .concat("10.0.0.0/8/8", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::")
    .concat("1:2:3:4:5:6:7:8::", "1.2.3.4::", "::1.2.3", "fe80::1%eth0", "10.0.0.0/-1", " ::1");
  for (const text of bad) {
    const error = assertThrows(() => cidr(text), TypeError, "as in 10.0.0.0/8 or 2001:db8::/32");
    assertEquals(error.message.includes(JSON.stringify(text)), true);
  }
  assertThrows(() => cidr(8 as unknown as string), TypeError, "Cannot compile the network 8");
  assertThrows(() => cidr("10.0.0.0/33"), RangeError, "an IPv4 prefix has 0 to 32 bits, not 33");
  assertThrows(() => cidr("::/129"), RangeError, "an IPv6 prefix has 0 to 128 bits, not 129");
  assertThrows(() => cidr("10.0.0.1/8"), RangeError, "bits behind the prefix of 8 bits are set");
  assertThrows(() => cidr("2001:db8::1/32"), RangeError, "bits behind the prefix");
});

Deno.test("contains() refuses what is no address", () => {
  assertThrows(() => cidr("::/0").contains("10.0.0.0/8"), TypeError, 'address "10.0.0.0/8"');
});
