import { assertEquals } from "@std/assert";
import { concat, hex, ipv4, ipv6, packetOf, tcp, udp } from "./sample.ts";

const v6 = { family: 10 };

Deno.test("IPv4 has flags, identification, checksum and options", () => {
  const { ipv4: header, ipv6, ip } = packetOf(hex(`
    47           # version 4, 28 bytes
    b9           # DSCP 46, ECN 1
    001c 1234    # total length, identification
    c001         # reserved, do not fragment; offset 8
    40 11 beef   # time to live, UDP, checksum
    c0000201 c6336402
    01 94 04 0000 # padding, router alert
    00 ff ff`));
  assertEquals([header?.headerLength, header?.dscp, header?.ecn], [28, 46, 1]);
  assertEquals([header?.identification, header?.checksum], [0x1234, 0xbeef]);
  assertEquals([header?.reserved, header?.dontFragment, header?.moreFragments], [
    true,
    true,
    false,
  ]);
  assertEquals([header?.fragmentOffset, header?.headerProtocol], [8, 17]);
  assertEquals(header?.options, [{ type: 0x94, data: hex("0000") }]);
  assertEquals([ipv6, ip?.version], [undefined, 4]);
});

Deno.test("IPv6 has its flow label and its whole chain of extensions", () => {
  const chain = hex(`
    2b 00 01 04 00000000                    # hop-by-hop: routing follows
    3c 01 00000000000000000000000000ee      # routing of 16 bytes: destination follows
    33 00 01 04 00000000                    # destination options: AH follows
    2c 02 0000 0000000a 00000007 01020304   # AH of 16 bytes: fragment follows
    11 00 0001 00000063                     # fragment 0, more follow; UDP`);
  const whole = ipv6(0, concat(chain, udp()));
  whole.set(hex("6b8abcde"));
  const packet = packetOf(whole, v6);
  const { ipv6: header, ah } = packet;
  assertEquals([header?.dscp, header?.ecn, header?.flowLabel], [46, 0, 0xabcde]);
  assertEquals([header?.nextHeader, header?.protocol, header?.payloadLength], [0, 17, 68]);
  assertEquals(header?.extensions.map(({ type, data }) => [type, data.length]), [
    [0, 8],
    [43, 16],
    [60, 8],
    [51, 16],
    [44, 8],
  ]);
  assertEquals([header?.moreFragments, header?.fragmentOffset], [true, 0]);
  assertEquals(header?.identification, 99);
  assertEquals([ah?.nextHeader, ah?.length, ah?.spi, ah?.sequenceNumber], [44, 16, 10, 7]);
  assertEquals(ah?.integrityCheckValue, hex("01020304"));
  assertEquals(packet.udp?.destinationPort, 53);
  assertEquals(packetOf(ipv6(17, udp()), v6).ipv6?.extensions, []);
  assertEquals(packetOf(ipv6(17, udp()), v6).ipv6?.identification, undefined);
});

Deno.test("The payload of an authentication header is decoded in IPv4 as in IPv6", () => {
  const packet = packetOf(ipv4(51, concat(hex("06 01 0000 0000000a 00000007"), tcp())));
  assertEquals(packet.ah?.spi, 10);
  assertEquals([packet.protocol, packet.ipv4?.headerProtocol], [6, 51]);
  assertEquals(packet.tcp?.destinationPort, 443);
});

Deno.test("TCP options are read when asked for", () => {
  const header = hex(`
    9c40 01bb 89abcdef 76543210
    b0 02 fde8 1234 0007          # 44 bytes; SYN
    0204 05b4                     # maximum segment size 1460
    0402                          # selective acknowledgments permitted
    080a 00000001 fffffffe        # timestamps
    01 0303 07                    # padding, window scale 7
    00 ffff                       # the end
    fe`);
  const { tcp } = packetOf(ipv4(6, header));
  assertEquals([tcp?.headerLength, tcp?.checksum, tcp?.urgentPointer], [44, 0x1234, 7]);
  assertEquals(tcp?.options.map(({ type, data }) => [type, data.length]), [
    [2, 2],
    [4, 0],
    [8, 8],
    [3, 1],
  ]);
  assertEquals([tcp?.mss, tcp?.windowScale, tcp?.sackPermitted], [1460, 7, true]);
  assertEquals(tcp?.timestamps, { value: 1, echoReply: 0xfffffffe });
});

Deno.test("TCP without options has none, and an option with an impossible length ends them", () => {
  const bare = packetOf(ipv4(6, tcp())).tcp;
  assertEquals([bare?.options, bare?.mss, bare?.windowScale], [[], undefined, undefined]);
  assertEquals([bare?.sackPermitted, bare?.timestamps], [false, undefined]);
  for (const options of ["0201 05b4", "02ff 05b4", "01010102", "0203 05 00"]) {
    const header = concat(tcp(), hex(options));
    header[12] = 0x60;
    assertEquals(packetOf(ipv4(6, header)).tcp?.mss, undefined);
  }
});

Deno.test("UDP-Lite, SCTP and DCCP are read field by field", () => {
  const { udplite } = packetOf(ipv4(136, hex("9c40 0035 0008 beef")));
  assertEquals([udplite?.sourcePort, udplite?.destinationPort], [40000, 53]);
  assertEquals([udplite?.checksumCoverage, udplite?.checksum], [8, 0xbeef]);
  const { sctp, sourcePort, destinationPort } = packetOf(ipv4(
    132,
    hex(`
      9c40 0035 89abcdef 76543210
      00 03 0011 00000001 00000002 00000003 ff 000000   # DATA of 17 bytes, padded
      0e 00 0004                                        # SHUTDOWN COMPLETE
      00 00 0000                                        # impossible length
      01 00 0004`),
  ));
  assertEquals([sctp?.verificationTag, sctp?.checksum], [0x89abcdef, 0x76543210]);
  assertEquals(sctp?.chunks, [
    { type: 0, flags: 3, length: 17 },
    { type: 14, flags: 0, length: 4 },
    { type: 0, flags: 0, length: 0 },
  ]);
  assertEquals([sourcePort, destinationPort], [40000, 53]);
  const long = packetOf(ipv4(33, hex("9c40 0035 04 00 0000 01 00 0102 03040506"))).dccp;
  assertEquals([long?.headerLength, long?.type], [16, 0]);
  assertEquals(long?.sequenceNumber, 0x010203040506);
  const short = packetOf(ipv4(33, hex("9c40 0035 03 00 0000 08 010203"))).dccp;
  assertEquals([short?.type, short?.sequenceNumber], [4, 0x010203]);
});

Deno.test("ESP and GRE are read field by field", () => {
  const { esp } = packetOf(ipv6(50, hex("89abcdef 00000007 ff")), v6);
  assertEquals([esp?.spi, esp?.sequenceNumber], [0x89abcdef, 7]);
  const { gre } = packetOf(ipv4(47, hex("b000 86dd beef 0000 00000009 00000007")));
  assertEquals([gre?.flags, gre?.version, gre?.protocol], [0xb000, 0, 0x86dd]);
  assertEquals([gre?.checksum, gre?.key, gre?.sequenceNumber], [0xbeef, 9, 7]);
  const bare = packetOf(ipv4(47, hex("0000 0800"))).gre;
  assertEquals([bare?.checksum, bare?.key, bare?.sequenceNumber], [
    undefined,
    undefined,
    undefined,
  ]);
  const pptp = packetOf(ipv4(47, hex("3081 880b 00040001 00000007 00000006"))).gre;
  assertEquals([pptp?.version, pptp?.key, pptp?.sequenceNumber], [1, 0x00040001, 7]);
});

Deno.test("The version of IGMP follows from type, length and response time", () => {
  const of = (bytes: string) => packetOf(ipv4(2, hex(bytes))).igmp;
  assertEquals(of("11 00 0000 00000000")?.version, 1);
  assertEquals(of("11 64 0000 00000000")?.version, 2);
  assertEquals(of("11 64 0000 e0000001 027d 0000")?.version, 3);
  assertEquals(
    [0x12, 0x16, 0x17, 0x22].map((type) => of(`${type.toString(16)} 00 0000 e00000fb`)?.version),
    [1, 2, 2, 3],
  );
  const leave = of("17 05 beef e00000fb");
  assertEquals([leave?.type, leave?.maxResponseCode, leave?.checksum], [0x17, 5, 0xbeef]);
  assertEquals(leave?.group, "224.0.0.251");
  assertEquals(of("22 00 0000 0000 0000")?.group, undefined);
  // Truncated by the copy range, its length is that of the IP header.
  const cut = ipv4(2, hex("11 64 0000 e0000001"), { totalLength: 32 });
  assertEquals(packetOf(cut).igmp?.version, 3);
});
