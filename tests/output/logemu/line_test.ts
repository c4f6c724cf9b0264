import { assertEquals } from "@std/assert";
import { ascii, LineWriter } from "../../../src/text/line.ts";
import { concat, hex } from "../../packet/sample.ts";

/** Returns what one call writes, behind bytes that must not change: with room, and just so. */
function written(write: (line: LineWriter) => void): string {
  const [text, end] = writtenTo(200, write);
  assertEquals(writtenTo(end, write), [text, end]);
  return text;
}

function writtenTo(size: number, write: (line: LineWriter) => void): [text: string, end: number] {
  const line = new LineWriter();
  line.out = new Uint8Array(size).fill(0xee);
  line.at = 3;
  write(line);
  assertEquals(line.out.subarray(0, 3), new Uint8Array(3).fill(0xee));
  return [new TextDecoder().decode(line.out.subarray(3, line.at)), line.at];
}

Deno.test("Numbers in decimal have as many digits as they take, around every power of 10 and 2", () => {
  const numbers = [0, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1];
  for (let power = 1; power < 2 ** 32; power *= 10) numbers.push(power - 1, power, power + 1);
  for (let power = 1; power < 2 ** 32; power *= 2) numbers.push(power - 1, power, power + 1);
  for (const number of numbers) {
    assertEquals(written((line) => line.decimal(number)), String(number));
  }
});

Deno.test("Numbers past 2^31 whose last digits are zeros keep their zeros", () => {
  for (const number of [2_147_500_000, 3_000_000_000, 3_000_000_007, 4_294_900_000]) {
    assertEquals(written((line) => line.decimal(number)), String(number));
  }
});

Deno.test("A padded number has leading zeros, and only the digits asked for", () => {
  assertEquals(written((line) => line.padded(0, 6)), "000000");
  assertEquals(written((line) => line.padded(42, 6)), "000042");
  assertEquals(written((line) => line.padded(999_999, 6)), "999999");
  assertEquals(written((line) => line.padded(2 ** 31 - 1, 10)), "2147483647");
});

Deno.test("Hexadecimal is in lower case and has as many digits as it takes", () => {
  const numbers = [0, 1, 9, 10, 15, 16, 255, 256, 0xdeadbeef, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  for (let shift = 0; shift < 32; shift++) numbers.push(2 ** shift - 1, 2 ** shift);
  for (const number of numbers) {
    assertEquals(written((line) => line.hex(number)), number.toString(16));
    assertEquals(
      written((line) => line.hexPadded(number, 8)),
      number.toString(16).padStart(8, "0"),
    );
  }
});

Deno.test("Each byte in upper-case hexadecimal has two digits", () => {
  for (let byte = 0; byte < 256; byte++) {
    const expected = byte.toString(16).toUpperCase().padStart(2, "0");
    assertEquals(written((line) => line.hexUpper(byte)), expected);
  }
});

Deno.test("A word and its number end with a space", () => {
  assertEquals(written((line) => line.number(ascii("TTL="), 64)), "TTL=64 ");
});

Deno.test("Text is UTF-8, and bytes are copied from their place", () => {
  assertEquals(written((line) => line.text(ascii("é "))), "é ");
  assertEquals(written((line) => line.text(ascii(""))), "");
  assertEquals(written((line) => line.prefix(ascii("abcdef"), 2, 3)), "cde");
});

Deno.test("A link header has colons between its bytes, whatever its length", () => {
  const bytes = hex("ff 02005e100001 0a");
  assertEquals(written((line) => line.hardware(bytes, 1, 6)), "02:00:5e:10:00:01");
  assertEquals(written((line) => line.hardware(bytes, 7, 1)), "0a");
  assertEquals(written((line) => line.hardware(bytes, 7, 0)), "");
});

Deno.test("IPv4 addresses are dotted, read from their place", () => {
  assertEquals(written((line) => line.ipv4(hex("ee c0000201"), 1)), "192.0.2.1");
  assertEquals(written((line) => line.ipv4(hex("00000000"), 0)), "0.0.0.0");
  assertEquals(written((line) => line.ipv4(hex("ffffffff"), 0)), "255.255.255.255");
});

/** RFC 5952, and where that is not exact, the output of glibc's inet_ntop. */
const IPV6: readonly (readonly [bytes: string, expected: string])[] = [
  ["00000000 00000000 00000000 00000000", "::"],
  ["00000000 00000000 00000000 00000001", "::1"],
  ["00000000 00000000 00000000 0000ffff", "::ffff"],
  ["00000000 00000000 00000000 00010000", "::0.1.0.0"], // IPv4-compatible
  ["00000000 00000000 00000000 01020304", "::1.2.3.4"],
  ["00000000 00000000 0000ffff 01020304", "::ffff:1.2.3.4"], // IPv4-mapped
  ["00000000 00000000 0000ffff 00000000", "::ffff:0.0.0.0"],
  ["00000000 00000000 0000fffe 01020304", "::fffe:102:304"], // nearly mapped
  ["00000000 00000000 ffff0000 01020304", "::ffff:0:102:304"], // IPv4-translated is not dotted
  ["00000000 00000001 0000ffff 01020304", "::1:0:ffff:102:304"],
  ["0064ff9b 00000000 00000000 c0000221", "64:ff9b::c000:221"],
  ["fe800000 00000000 00000000 00000001", "fe80::1"],
  ["20010db8 00000000 00000000 00000000", "2001:db8::"],
  ["20010db8 00010001 00010001 00010000", "2001:db8:1:1:1:1:1:0"], // a single group is not a run
  ["00000001 00020003 00040005 00060007", "0:1:2:3:4:5:6:7"],
  ["20010db8 00000001 00010001 00010001", "2001:db8:0:1:1:1:1:1"], // RFC 5952, 4.2.2
  ["20010000 00000001 00000000 00000001", "2001:0:0:1::1"], // the longer run
  ["20010db8 00000000 00010000 00000001", "2001:db8::1:0:0:1"], // the first of equal ones
  ["00000000 00010002 00030004 00000000", "::1:2:3:4:0:0"],
  ["00010000 00000002 00030000 00000000", "1:0:0:2:3::"],
  ["20010db8 aaaabbbb ccccdddd eeeeffff", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"],
  ["ffffffff ffffffff ffffffff ffffffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["000a00bc 0def1234 00000000 00010020", "a:bc:def:1234::1:20"],
];

Deno.test("IPv6 addresses are as inet_ntop prints them", () => {
  for (const [bytes, expected] of IPV6) {
    assertEquals(written((line) => line.ipv6(hex(bytes), 0)), expected);
    const elsewhere = concat(hex("ffff00"), hex(bytes), hex("0000"));
    assertEquals(written((line) => line.ipv6(elsewhere, 3)), expected);
  }
});

Deno.test("Every pattern of zero groups is compressed as in RFC 5952", () => {
  for (let pattern = 0; pattern < 256; pattern++) {
    const groups = Array.from({ length: 8 }, (_, i) => pattern >> i & 1);
    const bytes = Uint8Array.from(groups.flatMap((group) => [group, group]));
    // If the first six are zero, the rest is dotted; the vectors above cover that.
    if (pattern >> 6 !== 0 && (pattern & 0x3f) === 0) continue;
    const text = groups.map((group) => group ? "101" : "0").join(":");
    const runs = [...text.matchAll(/(?<![^:])0(:0)+(?![^:])/g)];
    const longest = Math.max(...runs.map(([run]) => run.length));
    const run = runs.find(([run]) => run.length === longest);
    const expected = run === undefined ? text : text.slice(0, run.index).replace(/:$/, "") + "::" +
      text.slice(run.index + run[0].length).replace(/^:/, "");
    assertEquals(written((line) => line.ipv6(bytes, 0)), expected);
  }
});

Deno.test("IPv6 addresses in full have eight groups of four digits", () => {
  for (const [bytes] of IPV6) {
    const expected = bytes.replace(/ /g, "").match(/..../g)!.join(":");
    assertEquals(written((line) => line.ipv6Full(hex(bytes), 0)), expected);
  }
});
