import { assertEquals } from "@std/assert";
import { concat, hex, icmp, ipv4, ipv6, packetOf, tcp, udp } from "./sample.ts";

/** Extension headers of 8 bytes that say what follows them. */
const hopByHop = (next: number) => new Uint8Array([next, 0, 1, 4, 0, 0, 0, 0]);
const fragment = (next: number, offset: number, more = 0) =>
  new Uint8Array([next, 0, offset >> 8, offset | more, 0, 0, 0, 1]);

const v6 = { family: 10 };

Deno.test("An IPv4 header is read field by field", () => {
  const packet = packetOf(hex(`
    46           # version 4, 24 bytes
    b8           # type of service
    0540         # total length: 1344
    1234 4000    # identification, do not fragment
    3f 06 0000   # time to live 63, TCP, checksum
    c0000201     # source
    c6336402     # destination
    01010101     # options
    9c40 01bb 89abcdef 76543210 5012 fde8 0000 0000`));
  const { ip, tcp } = packet;
  assertEquals(ip?.version, 4);
  assertEquals(ip?.trafficClass, 0xb8);
  assertEquals(ip?.totalLength, 1344);
  assertEquals(ip?.fragmentOffset, 0);
  assertEquals(ip?.hopLimit, 63);
  assertEquals(ip?.protocol, 6);
  assertEquals(ip?.source, "192.0.2.1");
  assertEquals(ip?.destination, "198.51.100.2");
  assertEquals(tcp?.sourcePort, 40000); // found behind the options
  assertEquals(tcp?.destinationPort, 443);
});

Deno.test("An IPv6 header is read field by field", () => {
  const { ip, udp } = packetOf(
    hex(`
      6b8abcde     # version 6, traffic class 0xb8, flow label 0xabcde
      0008 11 3f   # payload length 8, UDP, hop limit 63
      20010db8000000000000000000000001
      fe80000000000000020c29fffe000001
      9c40 0035 0008 0000`),
    v6,
  );
  assertEquals(ip?.version, 6);
  assertEquals(ip?.trafficClass, 0xb8);
  assertEquals(ip?.totalLength, 48);
  assertEquals(ip?.fragmentOffset, 0);
  assertEquals(ip?.hopLimit, 63);
  assertEquals(ip?.protocol, 17);
  assertEquals(ip?.source, "2001:db8::1");
  assertEquals(ip?.destination, "fe80::20c:29ff:fe00:1");
  assertEquals(udp?.destinationPort, 53);
});

Deno.test("A packet is IP by its family, or by its EtherType if the family does not decide", () => {
  const four = ipv4(17, udp());
  const six = ipv6(17, udp());
  const versionOf = (payload: Uint8Array, family: number, hwProtocol: number) =>
    packetOf(payload, { family, hwProtocol }).ip?.version;
  assertEquals(versionOf(four, 2, -1), 4);
  assertEquals(versionOf(six, 10, -1), 6);
  assertEquals(versionOf(four, 7, 0x0800), 4); // bridge
  assertEquals(versionOf(six, 5, 0x86dd), 6); // netdev
  assertEquals(versionOf(four, 3, 0x0806), undefined); // ARP
  assertEquals(versionOf(four, 7, 0x8100), undefined);
});

Deno.test("A packet whose first half byte contradicts its family is not IP", () => {
  assertEquals(packetOf(ipv6(17, udp()), { family: 2, hwProtocol: 0x0800 }).ip, undefined);
  assertEquals(packetOf(ipv4(17, udp()), { family: 10, hwProtocol: 0x86dd }).ip, undefined);
  assertEquals(packetOf(hex("55")).ip, undefined);
});

Deno.test("A truncated IP header is absent, a complete one is present", () => {
  const four = ipv4(17, udp());
  const six = ipv6(17, udp());
  assertEquals(packetOf(four.subarray(0, 19)).ip, undefined);
  assertEquals(packetOf(four.subarray(0, 20)).ip?.version, 4);
  assertEquals(packetOf(six.subarray(0, 39), v6).ip, undefined);
  assertEquals(packetOf(six.subarray(0, 40), v6).ip?.version, 6);
  assertEquals(packetOf(new Uint8Array(0)).ip, undefined);
  assertEquals(packetOf(undefined).ip, undefined);
});

Deno.test("An IPv4 header with a length below 20 bytes is absent", () => {
  const packet = ipv4(17, udp());
  packet[0] = 0x44;
  assertEquals(packetOf(packet).ip, undefined);
  assertEquals(packetOf(packet).udp, undefined);
});

Deno.test("A header above IP is absent until all of its fixed part was captured", () => {
  const presence = (whole: Uint8Array, length: number, name: "tcp" | "udp" | "icmp") =>
    packetOf(whole.subarray(0, length))[name] !== undefined;
  assertEquals([39, 40].map((length) => presence(ipv4(6, tcp()), length, "tcp")), [false, true]);
  assertEquals([27, 28].map((length) => presence(ipv4(17, udp()), length, "udp")), [false, true]);
  assertEquals([27, 28].map((length) => presence(ipv4(1, icmp(8)), length, "icmp")), [false, true]);
});

Deno.test("Only the header of the packet's own protocol is present", () => {
  const { tcp: tcpHeader, udp: udpHeader, icmp: icmpHeader, icmpv6 } = packetOf(ipv4(6, tcp()));
  assertEquals(tcpHeader?.destinationPort, 443);
  assertEquals([udpHeader, icmpHeader, icmpv6], [undefined, undefined, undefined]);
});

Deno.test("A first fragment has a header above IP, a later one has none", () => {
  const first = packetOf(ipv4(17, udp(), { fragment: 0x2000 })); // more fragments follow
  assertEquals([first.ip?.fragmentOffset, first.udp?.destinationPort], [0, 53]);
  const later = packetOf(ipv4(17, udp(), { fragment: 0x20b9 }));
  assertEquals([later.ip?.fragmentOffset, later.udp], [185 * 8, undefined]);
  assertEquals(later.ip?.protocol, 17);
});

Deno.test("IPv6 extension headers are skipped", () => {
  const routing = new Uint8Array(24).fill(0xee); // 8 + 2 * 8 bytes
  routing.set([60, 2]);
  const destination = hopByHop(51);
  const authentication = new Uint8Array(24).fill(0xee); // (4 + 2) * 4 bytes
  authentication.set([44, 4]);
  const packet = packetOf(
    ipv6(0, concat(hopByHop(43), routing, destination, authentication, fragment(6, 0, 1), tcp())),
    v6,
  );
  assertEquals(packet.ip?.protocol, 6);
  assertEquals(packet.ip?.fragmentOffset, 0);
  assertEquals(packet.tcp?.destinationPort, 443);
});

Deno.test("A later IPv6 fragment has its protocol and offset, and no header above", () => {
  const { ip, udp: header } = packetOf(ipv6(44, concat(fragment(17, 1448), udp())), v6);
  assertEquals([ip?.protocol, ip?.fragmentOffset, header], [17, 1448, undefined]);
});

Deno.test("The flags of an IPv6 fragment header are no part of its offset", () => {
  const { ip } = packetOf(ipv6(44, concat(fragment(17, 1448, 7), udp())), v6);
  assertEquals(ip?.fragmentOffset, 1448);
});

Deno.test("Data of a later fragment is not decoded as an extension header", () => {
  const { ip } = packetOf(ipv6(44, concat(fragment(0, 1448), hopByHop(17), udp())), v6);
  assertEquals(ip?.protocol, 0);
});

Deno.test("An extension header that was cut ends the chain at its own protocol", () => {
  const whole = ipv6(0, concat(hopByHop(17), udp()));
  assertEquals(packetOf(whole.subarray(0, 47), v6).ip?.protocol, 0);
  assertEquals(packetOf(whole.subarray(0, 48), v6).ip?.protocol, 17);
  assertEquals(packetOf(whole.subarray(0, 48), v6).udp, undefined);
});

Deno.test("An extension header that reaches beyond the packet leaves nothing above it", () => {
  const long = hopByHop(17);
  long[1] = 255;
  const { ip, udp: header } = packetOf(ipv6(0, concat(long, udp())), v6);
  assertEquals([ip?.protocol, header], [17, undefined]);
});

Deno.test("Encrypted contents end the chain of extension headers", () => {
  const { ip, udp: header } = packetOf(ipv6(50, udp()), v6);
  assertEquals([ip?.protocol, header], [50, undefined]);
});
