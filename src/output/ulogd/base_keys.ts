/** Keys of ulogd's plugin BASE, in its order. */

import { readBe16, readBe32, readLe16 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { UlogdHeaders } from "./headers.ts";
import { Key, type KeyFormat } from "./key.ts";

const IPPROTO_ICMP = 1;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_ICMPV6 = 58;
const IPPROTO_SCTP = 132;

const TCP_HEADER = 20;
const UDP_HEADER = 8;
const ICMP_HEADER = 8;
const SCTP_HEADER = 12;

const ICMP_ECHOREPLY = 0;
const ICMP_DEST_UNREACH = 3;
const ICMP_FRAG_NEEDED = 4;
const ICMP_REDIRECT = 5;
const ICMP_ECHO = 8;
const ICMP_PARAMETERPROB = 12;
const ICMPV6_ECHO_REQUEST = 128;
const ICMPV6_ECHO_REPLY = 129;

const TCP_FIN = 0x01;
const TCP_SYN = 0x02;
const TCP_RST = 0x04;
const TCP_PSH = 0x08;
const TCP_ACK = 0x10;
const TCP_URG = 0x20;

const IP_SADDR = new Key("ip.saddr");
const IP_DADDR = new Key("ip.daddr");
const IP_PROTOCOL = new Key("ip.protocol");
const IP_TOS = new Key("ip.tos");
const IP_TTL = new Key("ip.ttl");
const IP_TOTLEN = new Key("ip.totlen");
const IP_IHL = new Key("ip.ihl");
const IP_CSUM = new Key("ip.csum");
const IP_ID = new Key("ip.id");
const IP_FRAGOFF = new Key("ip.fragoff");
const IP6_PAYLOADLEN = new Key("ip6.payloadlen");
const IP6_PRIORITY = new Key("ip6.priority");
const IP6_FLOWLABEL = new Key("ip6.flowlabel");
const IP6_HOPLIMIT = new Key("ip6.hoplimit");
const IP6_NEXTHDR = new Key("ip6.nexthdr");
const IP6_FRAGOFF = new Key("ip6.fragoff");
const IP6_FRAGID = new Key("ip6.fragid");
const TCP_SPORT = new Key("tcp.sport", "src_port");
const TCP_DPORT = new Key("tcp.dport", "dest_port");
const TCP_SEQ = new Key("tcp.seq");
const TCP_ACKSEQ = new Key("tcp.ackseq");
const TCP_WINDOW = new Key("tcp.window");
const TCP_OFFSET = new Key("tcp.offset");
const TCP_RESERVED = new Key("tcp.reserved");
const TCP_URG_FLAG = new Key("tcp.urg");
const TCP_URGP = new Key("tcp.urgp");
const TCP_RES1 = new Key("tcp.res1");
const TCP_RES2 = new Key("tcp.res2");
const TCP_CSUM = new Key("tcp.csum");
const UDP_SPORT = new Key("udp.sport", "src_port");
const UDP_DPORT = new Key("udp.dport", "dest_port");
const UDP_LEN = new Key("udp.len");
const UDP_CSUM = new Key("udp.csum");
const ICMP_TYPE = new Key("icmp.type");
const ICMP_CODE = new Key("icmp.code");
const ICMP_ECHOID = new Key("icmp.echoid");
const ICMP_ECHOSEQ = new Key("icmp.echoseq");
const ICMP_GATEWAY = new Key("icmp.gateway");
const ICMP_FRAGMTU = new Key("icmp.fragmtu");
const ICMP_CSUM = new Key("icmp.csum");
const ICMPV6_TYPE = new Key("icmpv6.type");
const ICMPV6_CODE = new Key("icmpv6.code");
const ICMPV6_ECHOID = new Key("icmpv6.echoid");
const ICMPV6_ECHOSEQ = new Key("icmpv6.echoseq");
const ICMPV6_CSUM = new Key("icmpv6.csum");
const ARP_HWTYPE = new Key("arp.hwtype");
const ARP_PROTOCOLTYPE = new Key("arp.protocoltype");
const ARP_OPERATION = new Key("arp.operation");
const ARP_SHWADDR = new Key("arp.shwaddr");
const ARP_SADDR = new Key("arp.saddr");
const ARP_DHWADDR = new Key("arp.dhwaddr");
const ARP_DADDR = new Key("arp.daddr");
const SCTP_SPORT = new Key("sctp.sport", "src_port");
const SCTP_DPORT = new Key("sctp.dport", "dest_port");
const SCTP_CSUM = new Key("sctp.csum");

/** TCP flags after the urgent one, in the order of the keys. */
const TCP_FLAGS: readonly (readonly [flag: number, key: Key])[] = [
  [TCP_ACK, new Key("tcp.ack")],
  [TCP_PSH, new Key("tcp.psh")],
  [TCP_RST, new Key("tcp.rst")],
  [TCP_SYN, new Key("tcp.syn")],
  [TCP_FIN, new Key("tcp.fin")],
];

/** Writes the keys before BASE's `oob.protocol`. */
export function writeHeaders(
  format: KeyFormat,
  headers: UlogdHeaders,
  bytes: Uint8Array,
  at: number,
): void {
  if (headers.network === "ipv4") ipv4(format, headers, bytes, at);
  else if (headers.network === "ipv6") ipv6(format, headers, bytes, at);
}

/** Writes the keys after BASE's `oob.protocol`. */
export function writeLateHeaders(
  format: KeyFormat,
  headers: UlogdHeaders,
  bytes: Uint8Array,
  at: number,
): void {
  if (headers.network === "arp") arp(format, bytes, at);
  const isSctp = headers.network === "ipv4" && headers.protocol === IPPROTO_SCTP;
  if (!isSctp || headers.transportLength < SCTP_HEADER) return;
  const { transport } = headers;
  format.number(SCTP_SPORT, readBe16(bytes, transport));
  format.number(SCTP_DPORT, readBe16(bytes, transport + 2));
  format.number(SCTP_CSUM, readBe32(bytes, transport + 8));
}

function ipv4(format: KeyFormat, headers: UlogdHeaders, bytes: Uint8Array, at: number): void {
  format.address(IP_SADDR, bytes, at + 12, false);
  format.address(IP_DADDR, bytes, at + 16, false);
  format.number(IP_PROTOCOL, headers.protocol);
  format.number(IP_TOS, bytes[at + 1]!);
  format.number(IP_TTL, bytes[at + 8]!);
  format.number(IP_TOTLEN, readBe16(bytes, at + 2));
  format.number(IP_IHL, bytes[at]! & 0xf);
  format.number(IP_CSUM, readBe16(bytes, at + 10));
  format.number(IP_ID, readBe16(bytes, at + 4));
  format.number(IP_FRAGOFF, readBe16(bytes, at + 6));
  const { transport, transportLength } = headers;
  switch (headers.protocol) {
    case IPPROTO_TCP:
      return tcp(format, bytes, transport, transportLength);
    case IPPROTO_UDP:
      return udp(format, bytes, transport, transportLength);
    case IPPROTO_ICMP:
      return icmp(format, bytes, transport, transportLength);
  }
}

function ipv6(format: KeyFormat, headers: UlogdHeaders, bytes: Uint8Array, at: number): void {
  const { protocol, nextHeader, fragment, transport, transportLength } = headers;
  format.address(IP_SADDR, bytes, at + 8, false);
  format.address(IP_DADDR, bytes, at + 24, false);
  if (protocol !== ABSENT) format.number(IP_PROTOCOL, protocol);
  const flow = readBe32(bytes, at);
  format.number(IP6_PAYLOADLEN, readBe16(bytes, at + 4));
  format.number(IP6_PRIORITY, flow >>> 20 & 0xff);
  format.number(IP6_FLOWLABEL, flow & 0xfffff);
  format.number(IP6_HOPLIMIT, bytes[at + 7]!);
  if (nextHeader !== ABSENT) format.number(IP6_NEXTHDR, nextHeader);
  if (fragment !== ABSENT) {
    format.number(IP6_FRAGOFF, readBe16(bytes, fragment + 2) & 0xfff8);
    format.number(IP6_FRAGID, readBe32(bytes, fragment + 4));
  }
  switch (protocol) {
    case IPPROTO_TCP:
      return tcp(format, bytes, transport, transportLength);
    case IPPROTO_UDP:
      return udp(format, bytes, transport, transportLength);
    case IPPROTO_ICMPV6:
      return icmpv6(format, bytes, transport, transportLength);
  }
}

function tcp(format: KeyFormat, bytes: Uint8Array, at: number, length: number): void {
  if (length < TCP_HEADER) return;
  format.number(TCP_SPORT, readBe16(bytes, at));
  format.number(TCP_DPORT, readBe16(bytes, at + 2));
  format.number(TCP_SEQ, readBe32(bytes, at + 4));
  format.number(TCP_ACKSEQ, readBe32(bytes, at + 8));
  format.number(TCP_WINDOW, readBe16(bytes, at + 14));
  // Of these two ulogd keeps the wrong byte.
  format.number(TCP_OFFSET, 0);
  format.number(TCP_RESERVED, 0);
  const flags = bytes[at + 13]!;
  const isUrgent = (flags & TCP_URG) !== 0;
  format.number(TCP_URG_FLAG, isUrgent ? 1 : 0);
  if (isUrgent) format.number(TCP_URGP, readBe16(bytes, at + 18));
  for (const [flag, key] of TCP_FLAGS) format.number(key, flags & flag ? 1 : 0);
  format.number(TCP_RES1, bytes[at + 12]! & 0xf);
  format.number(TCP_RES2, flags >> 6);
  format.number(TCP_CSUM, readBe16(bytes, at + 16));
}

function udp(format: KeyFormat, bytes: Uint8Array, at: number, length: number): void {
  if (length < UDP_HEADER) return;
  format.number(UDP_SPORT, readBe16(bytes, at));
  format.number(UDP_DPORT, readBe16(bytes, at + 2));
  format.number(UDP_LEN, readBe16(bytes, at + 4));
  format.number(UDP_CSUM, readBe16(bytes, at + 6));
}

function icmp(format: KeyFormat, bytes: Uint8Array, at: number, length: number): void {
  if (length < ICMP_HEADER) return;
  const type = bytes[at]!;
  const code = bytes[at + 1]!;
  format.number(ICMP_TYPE, type);
  format.number(ICMP_CODE, code);
  if (type === ICMP_ECHO || type === ICMP_ECHOREPLY) {
    format.number(ICMP_ECHOID, readBe16(bytes, at + 4));
    format.number(ICMP_ECHOSEQ, readBe16(bytes, at + 6));
  } else if (type === ICMP_REDIRECT || type === ICMP_PARAMETERPROB) {
    format.address(ICMP_GATEWAY, bytes, at + 4, true);
  } else if (type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED) {
    format.number(ICMP_FRAGMTU, readBe16(bytes, at + 6));
  }
  // ulogd leaves checksums of ICMP in network byte order.
  format.number(ICMP_CSUM, readLe16(bytes, at + 2));
}

function icmpv6(format: KeyFormat, bytes: Uint8Array, at: number, length: number): void {
  if (length < ICMP_HEADER) return;
  const type = bytes[at]!;
  format.number(ICMPV6_TYPE, type);
  format.number(ICMPV6_CODE, bytes[at + 1]!);
  if (type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY) {
    format.number(ICMPV6_ECHOID, readBe16(bytes, at + 4));
    format.number(ICMPV6_ECHOSEQ, readBe16(bytes, at + 6));
  }
  format.number(ICMPV6_CSUM, readLe16(bytes, at + 2));
}

function arp(format: KeyFormat, bytes: Uint8Array, at: number): void {
  format.number(ARP_HWTYPE, readBe16(bytes, at));
  format.number(ARP_PROTOCOLTYPE, readBe16(bytes, at + 2));
  format.number(ARP_OPERATION, readBe16(bytes, at + 6));
  format.pointer(ARP_SHWADDR);
  // 2.0.8 prints a pointer of its own here; this is the address, as 2.0.9 prints it.
  format.address(ARP_SADDR, bytes, at + 14, false);
  format.pointer(ARP_DHWADDR);
  format.address(ARP_DADDR, bytes, at + 24, false);
}
