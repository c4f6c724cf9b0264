import { assertEquals, assertMatch } from "@std/assert";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { concat, hex, icmp, ipv4, ipv6, packetOf, tcp, udp } from "./sample.ts";

/** 2026-11-23T05:56:12.123456Z */
const STAMP = { seconds: 1_795_413_372, nanoseconds: 123_456_000 };

const TIME = "2026-11-23T05:56:12.123456Z";

/** Returns the line without its time, for tests of the rest. */
function rest(...parameters: Parameters<typeof packetOf>): string {
  return String(packetOf(...parameters)).replace(/^\S+ /, "");
}

function escapedPrefix(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return rest(bytes, { family: -1, prefixLength: bytes.length, payloadLength: -1 });
}

Deno.test("The line has time, hook, interfaces, prefix, addresses and contents", () => {
  const payload = ipv4(1, icmp(8), { totalLength: 84 });
  const bytes = concat(payload, hex("70696e67")); // "ping"
  const packet = packetOf(bytes, {
    ...STAMP,
    hook: 3,
    inDev: 2,
    outDev: 3,
    mark: 0x2a,
    uid: 0,
    gid: 100,
    vlanProtocol: 0x8100,
    vlanTci: 0xb064,
    payloadLength: payload.length,
    prefixOffset: payload.length,
    prefixLength: 4,
  });
  assertEquals(
    String(packet),
    `${TIME} output in=2 out=3 "ping" mark=0x2a uid=0 gid=100 vlan=100 ` +
      "192.0.2.1 > 198.51.100.2 ICMP echo request id=7 seq=9 length=84 captured=28",
  );
});

Deno.test("The line of a TCP packet names ports, flags, sequence number and window", () => {
  assertEquals(
    rest(ipv4(6, tcp())),
    "192.0.2.1:40000 > 198.51.100.2:443 TCP SYN seq=2309737967 window=65000 length=40",
  );
});

Deno.test("The line of a UDP packet over IPv6 has its addresses in brackets", () => {
  assertEquals(
    rest(ipv6(17, udp()), { family: 10 }),
    "[2001:db8::1]:40000 > [2001:db8::2]:53 UDP length=52",
  );
});

Deno.test("The line of an ICMP message other than an echo has type and code", () => {
  assertEquals(
    rest(ipv4(1, icmp(3, 1))),
    "192.0.2.1 > 198.51.100.2 ICMP type=3 code=1 length=28",
  );
  assertEquals(
    rest(ipv6(58, icmp(135)), { family: 10 }),
    "2001:db8::1 > 2001:db8::2 ICMPv6 type=135 code=0 length=48",
  );
  assertEquals(
    rest(ipv6(58, icmp(129)), { family: 10 }),
    "2001:db8::1 > 2001:db8::2 ICMPv6 echo reply id=7 seq=9 length=48",
  );
});

Deno.test("The line of a protocol that nfscribe does not take apart has its number", () => {
  assertEquals(rest(ipv4(89, hex("0000"))), "192.0.2.1 > 198.51.100.2 protocol=89 length=22");
});

/** Returns the words of an IPv4 packet's line between its addresses and its length. */
function words(protocol: number, bytes: string): string {
  return rest(ipv4(protocol, hex(bytes))).replace(/ length=.*/, "");
}

Deno.test("Each protocol that nfscribe takes apart has words of its own", () => {
  const between = "192.0.2.1:40000 > 198.51.100.2:53";
  const pair = "192.0.2.1 > 198.51.100.2";
  assertEquals(words(136, "9c40 0035 0000 0000"), `${between} UDP-Lite`);
  assertEquals(
    words(132, "9c40 0035 0000000a 00000000 01 00 0004 63 00 0004"),
    `${between} SCTP INIT,chunk=99 tag=0x0000000a`,
  );
  assertEquals(
    words(33, "9c40 0035 03 00 0000 06 000007"),
    `${between} DCCP Ack seq=7`,
  );
  assertEquals(words(50, "0000000a 00000007"), `${pair} ESP spi=0x0000000a seq=7`);
  assertEquals(words(47, "2000 0800 00000009"), `${pair} GRE protocol=0x0800 key=0x00000009`);
  assertEquals(words(2, "16 00 0000 e00000fb"), `${pair} IGMP v2 report group=224.0.0.251`);
  assertEquals(words(2, "22 00 0000 0000 0001"), `${pair} IGMP v3 report`);
  assertEquals(
    words(51, "11 01 0000 0000000a 00000001 9c40 0035 0008 0000"),
    `${between} AH spi=0x0000000a UDP`,
  );
});

Deno.test("The line of a malformed packet names the layer that is", () => {
  const packet = ipv4(6, tcp());
  packet[32] = 0x40; // data offset: 16 bytes
  assertEquals(
    rest(packet),
    "192.0.2.1:40000 > 198.51.100.2:443 protocol=6 length=40 malformed=tcp",
  );
});

Deno.test("The line of a later fragment has its offset and no ports", () => {
  assertEquals(
    rest(ipv4(17, udp(), { fragment: 185 })),
    "192.0.2.1 > 198.51.100.2 protocol=17 fragment=1480 length=32",
  );
});

Deno.test("The line of an ARP packet has both addresses and the link address", () => {
  const arp = hex("0001 0800 06 04 0001 02005e100001 c0000201 000000000000 c0000202");
  const fields = { family: 3, hwProtocol: 0x0806, hook: 0 };
  const ends = "from=02:00:5e:10:00:01 length=28";
  assertEquals(rest(arp, fields), `input 192.0.2.1 > 192.0.2.2 ARP request ${ends}`);
  arp[7] = 9;
  assertEquals(rest(arp, fields), `input 192.0.2.1 > 192.0.2.2 ARP operation=9 ${ends}`);
});

Deno.test("The line of another ethertype has its number", () => {
  assertEquals(
    rest(hex("02 07"), { family: 7, hwProtocol: 0x88cc, hook: 0 }),
    "prerouting ethertype=0x88cc length=2",
  );
});

Deno.test("The line of a packet without payload notes it", () => {
  assertEquals(
    rest(undefined, { hook: 1, hwProtocol: 0x0800 }),
    "input ethertype=0x0800 no payload",
  );
});

Deno.test("The line of a packet truncated within its IP header has the known values", () => {
  const cut = ipv4(6, tcp()).subarray(0, 12);
  assertEquals(rest(cut, { hwProtocol: 0x0800 }), "ethertype=0x0800 length=40 captured=12");
});

Deno.test("The hook's name depends on the family", () => {
  const hookOf = (family: number, hook: number) => rest(undefined, { family, hook }).split(" ")[0];
  const inet = ["prerouting", "input", "forward", "output", "postrouting"];
  for (const family of [2, 10, 7]) {
    assertEquals([0, 1, 2, 3, 4].map((hook) => hookOf(family, hook)), inet);
  }
  assertEquals([0, 1, 2].map((hook) => hookOf(3, hook)), ["input", "output", "forward"]);
  assertEquals([0, 1].map((hook) => hookOf(5, hook)), ["ingress", "egress"]);
  assertEquals([hookOf(5, 2), hookOf(2, 255), hookOf(99, 0)], ["hook=2", "hook=255", "hook=0"]);
});

Deno.test("An empty prefix is no word of the line", () => {
  assertEquals(rest(undefined, { prefixLength: 0 }), "no payload");
});

Deno.test("Control characters, quotes and backslashes of a prefix are escaped", () => {
  assertEquals(escapedPrefix('a"b\\c'), '"a\\"b\\\\c" no payload');
  assertEquals(escapedPrefix("a\nb\r\t\0"), '"a\\nb\\r\\t\\u0000" no payload');
  assertEquals(escapedPrefix("\x1b[31mred"), '"\\u001b[31mred" no payload');
  assertEquals(
    escapedPrefix("\x7f\x85\x9b\u2028\u2029"),
    '"\\u007f\\u0085\\u009b\\u2028\\u2029" no payload',
  );
});

Deno.test("A prefix in any script stays readable", () => {
  assertEquals(escapedPrefix("é✓日本 😀"), '"é✓日本 😀" no payload');
});

Deno.test("No character that turns the direction of a terminal's text reaches the line", () => {
  // All that have the property Bidi_Control (Unicode Standard Annex 9).
  const turning = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069";
  for (const character of turning) {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    assertEquals(escapedPrefix(`a${character}`), `"a\\u${code}" no payload`);
  }
});

Deno.test("The name of an interface is escaped as well", () => {
  const interfaces = new InterfaceTable().with([[2, "\x1b]0;x"]]).with([[3, "eth0"]]);
  const packet = packetOf(undefined, { inDev: 2, outDev: 3, interfaces });
  assertMatch(String(packet), / in=\\u001b\]0;x out=eth0 /);
});

Deno.test("The name of an interface from a file is one word", () => {
  const interfaces = new InterfaceTable().with([[2, "Wi-Fi 2"], [3, "a\n\u00a0> b"]]);
  const packet = packetOf(undefined, { inDev: 2, outDev: 3, interfaces });
  assertMatch(String(packet), / in=Wi-Fi\\u00202 out=a\\n\\u00a0>\\u0020b /);
});

Deno.test("The time is the time of receipt where the kernel made no stamp", () => {
  const line = String(packetOf(undefined, { receivedSeconds: 1, receivedNanoseconds: 1_999 }));
  assertEquals(line, "1970-01-01T00:00:01.000001Z no payload");
});

Deno.test("A time stamp that no calendar has is written as a number", () => {
  const timeOf = (seconds: number, nanoseconds = 0) =>
    String(packetOf(undefined, { seconds, nanoseconds })).split(" ")[0];
  assertEquals(timeOf(0), "1970-01-01T00:00:00.000000Z");
  assertEquals(timeOf(8_640_000_000_000), "+275760-09-13T00:00:00.000000Z"); // the last Date
  assertMatch(timeOf(8_640_000_000_001)!, /^8\.?64\d*(e\+18)?us$/);
  assertMatch(timeOf(2 ** 64, 999_999_000)!, /^1\.8446744073709552e\+25us$/);
});
