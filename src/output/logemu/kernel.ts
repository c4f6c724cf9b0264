/**
 * The lines of the kernel's own LOG target (nf_log_syslog), as a rule without
 * further options prints them: no TCP sequence numbers, no options, no UID.
 *
 * @module
 */

import { originalLength } from "../../packet/ip.ts";
import { readBe16, readBe32 } from "../../packet/memory.ts";
import { networkOffset } from "../../packet/network.ts";
import { ABSENT, type RawPacket } from "../../packet/raw_packet.ts";
import { ascii, type LineWriter } from "./line.ts";
import { InterfaceNames } from "./names.ts";
import { type Extent, hex, incomplete, spi, tcp, udp } from "./kernel_transport.ts";
import * as p from "./protocols.ts";
import * as w from "./words.ts";

const PHYSIN = ascii("PHYSIN=");
const PHYSOUT = ascii("PHYSOUT=");
const MAC = ascii("MAC=");
const TRUNCATED = ascii("TRUNCATED");
const TOS = ascii(" TOS=0x");
const NOTHING = ascii("");
const INCOMPLETE = ascii("INCOMPLETE ");
const OPEN = ascii("[");
const CLOSE = ascii("] ");
const FRAG_ID = ascii("ID:");
const POINTER = ascii("POINTER=");
const ARP_HTYPE = ascii("ARP HTYPE=");
const ARP_PTYPE = ascii(" PTYPE=0x");
const ARP_OPCODE = ascii(" OPCODE=");
const ARP_MACSRC = ascii(" MACSRC=");
const ARP_IPSRC = ascii(" IPSRC=");
const ARP_MACDST = ascii(" MACDST=");
const ARP_IPDST = ascii(" IPDST=");
const ARP_INCOMPLETE = ascii(" INCOMPLETE [");
const ARP_BYTES = ascii(" bytes]");

/** Bytes that an ICMP message of a type must have at least (nf_log_syslog.c: `required_len`). */
const ICMP_LEAST: readonly number[] = [
  4,
  0,
  0,
  28,
  28,
  28,
  0,
  0,
  4,
  0,
  0,
  28,
  28,
  20,
  20,
  0,
  0,
  12,
  12,
];

/** Bytes of the fixed part of an ARP packet, and of its addresses for Ethernet and IPv4. */
const ARP_HEADER = 8;
const ARP_ADDRESSES = 20;
const ARPHRD_ETHER = 1;

/** Writes what stands behind time, host and `kernel: `. */
export class KernelPrinter {
  /** A name that nobody told is the interface's number. */
  readonly #names = new InterfaceNames(String);
  readonly #extent: Extent = { bytes: new Uint8Array(0), end: 0, whole: 0 };

  /** Writes a packet's line, without its newline; the kernel prints every packet. */
  print(line: LineWriter, packet: RawPacket): boolean {
    const { bytes } = packet;
    if (packet.prefixLength > 0) line.bytes(bytes, packet.prefixOffset, packet.prefixLength);
    this.#devices(line, packet);
    const kind = kindOf(packet);
    if (kind !== p.ETH_P_ARP && (packet.inDev !== ABSENT || packet.family === p.NFPROTO_BRIDGE)) {
      linkHeader(line, packet);
    }
    if (packet.payloadLength === ABSENT) return true;
    const extent = this.#extent;
    // On the way out the link header may lie before it.
    const at = networkOffset(packet);
    extent.bytes = bytes;
    extent.end = packet.payloadOffset + packet.payloadLength;
    extent.whole = packet.payloadOffset + originalLength(packet);
    const mark = packet.mark === ABSENT ? 0 : packet.mark;
    if (kind === p.ETH_P_IP) ipv4(line, extent, at, true, mark);
    else if (kind === p.ETH_P_IPV6) ipv6(line, extent, at, true, mark);
    else if (kind === p.ETH_P_ARP) arp(line, extent, at);
    return true;
  }

  #devices(line: LineWriter, packet: RawPacket): void {
    const { family, inDev, outDev, physInDev, physOutDev } = packet;
    // A bridge's own rules name the ports, and NFLOG names the bridge beside them.
    const bridge = family === p.NFPROTO_BRIDGE;
    const from = bridge && physInDev !== ABSENT ? physInDev : inDev;
    const to = bridge && physOutDev !== ABSENT ? physOutDev : outDev;
    line.text(w.IN);
    this.#name(line, packet, from);
    line.text(w.OUT);
    this.#name(line, packet, to);
    line.text(w.SPACE);
    if (physInDev !== ABSENT && physInDev !== from) {
      line.text(PHYSIN);
      this.#name(line, packet, physInDev);
      line.text(w.SPACE);
    }
    if (physOutDev !== ABSENT && physOutDev !== to) {
      line.text(PHYSOUT);
      this.#name(line, packet, physOutDev);
      line.text(w.SPACE);
    }
  }

  #name(line: LineWriter, packet: RawPacket, index: number): void {
    if (index !== ABSENT) line.text(this.#names.get(packet.interfaces, index));
  }
}

/** The network protocol by its EtherType; RARP has ARP's format, and its line. */
function kindOf({ family, hwProtocol }: RawPacket): number {
  if (family === p.NFPROTO_IPV4) return p.ETH_P_IP;
  if (family === p.NFPROTO_IPV6) return p.ETH_P_IPV6;
  if (family === p.NFPROTO_ARP) return p.ETH_P_ARP;
  return hwProtocol === p.ETH_P_RARP ? p.ETH_P_ARP : hwProtocol;
}

function linkHeader(line: LineWriter, packet: RawPacket): void {
  line.text(MAC);
  const { bytes, hwHeaderOffset, hwHeaderLength, l2HeaderOffset, l2HeaderLength } = packet;
  if (hwHeaderLength > 0) line.hardware(bytes, hwHeaderOffset, hwHeaderLength);
  else if (l2HeaderLength > 0) line.hardware(bytes, l2HeaderOffset, l2HeaderLength);
  line.text(w.SPACE);
}

/** One IPv4 packet: the outer one, or the one that an ICMP error quotes. */
function ipv4(line: LineWriter, extent: Extent, at: number, outer: boolean, mark: number): void {
  const { bytes, end } = extent;
  if (end - at < p.IPV4_HEADER) {
    line.text(TRUNCATED);
    return;
  }
  w.ipv4Header(line, bytes, at, TOS, readBe16(bytes, at + 6));
  const later = (readBe16(bytes, at + 6) & 0x1fff) !== 0;
  const next = at + (bytes[at]! & 0xf) * 4;
  const protocol = bytes[at + 9]!;
  switch (protocol) {
    case p.IPPROTO_TCP:
      if (!tcp(line, extent, next, later)) return;
      break;
    case p.IPPROTO_UDP:
    case p.IPPROTO_UDPLITE:
      if (!udp(line, protocol, extent, next, later)) return;
      break;
    case p.IPPROTO_ICMP:
      icmp(line, extent, next, later, outer);
      break;
    case p.IPPROTO_AH:
      // Of a later fragment not even the protocol is named.
      if (!later) spi(line, w.PROTO_AH, extent, next, 4, 12);
      break;
    case p.IPPROTO_ESP:
      line.text(w.PROTO_ESP);
      if (!later) spi(line, NOTHING, extent, next, 0, 8);
      break;
    default:
      line.number(w.PROTO, protocol);
  }
  if (outer && mark !== 0) hex(line, w.MARK, mark);
}

function icmp(line: LineWriter, extent: Extent, at: number, later: boolean, outer: boolean): void {
  const { bytes, end } = extent;
  line.text(w.PROTO_ICMP);
  if (later) return;
  if (end - at < p.ICMP_HEADER) return incomplete(line, extent, at);
  const type = bytes[at]!;
  line.text(w.TYPE);
  line.decimal(type);
  line.number(w.CODE, bytes[at + 1]!);
  if (extent.whole - at < (ICMP_LEAST[type] ?? 0)) return incomplete(line, extent, at);
  switch (type) {
    case p.ICMP_ECHOREPLY:
    case p.ICMP_ECHO:
      return w.echo(line, bytes, at);
    case p.ICMP_PARAMETERPROB:
      return line.number(w.PARAMETER, bytes[at + 4]!);
    case p.ICMP_REDIRECT:
      line.text(w.GATEWAY);
      line.ipv4(bytes, at + 4);
      line.text(w.SPACE);
      return quoted4(line, extent, at, outer);
    case p.ICMP_SOURCE_QUENCH:
    case p.ICMP_TIME_EXCEEDED:
      return quoted4(line, extent, at, outer);
    case p.ICMP_DEST_UNREACH:
      quoted4(line, extent, at, outer);
      if (bytes[at + 1] === p.ICMP_FRAG_NEEDED) line.number(w.MTU, readBe16(bytes, at + 6));
  }
}

/** The packet that an error quotes; not the one that a quoted error quotes. */
function quoted4(line: LineWriter, extent: Extent, at: number, outer: boolean): void {
  if (!outer) return;
  line.text(OPEN);
  ipv4(line, extent, at + p.ICMP_HEADER, false, 0);
  line.text(CLOSE);
}

/** One IPv6 packet: the outer one, or the one that an ICMPv6 error quotes. */
function ipv6(line: LineWriter, extent: Extent, start: number, outer: boolean, mark: number): void {
  const { bytes, end } = extent;
  if (end - start < p.IPV6_HEADER) {
    line.text(TRUNCATED);
    return;
  }
  line.text(w.SRC);
  line.ipv6Full(bytes, start + 8);
  line.text(w.DST);
  line.ipv6Full(bytes, start + 24);
  w.ipv6Header(line, bytes, start);

  let at = start + p.IPV6_HEADER;
  let protocol = bytes[start + 6]!;
  let later = false;
  while (isExtension(protocol)) {
    if (end - at < 2) {
      line.text(TRUNCATED);
      return;
    }
    let length;
    if (protocol === p.IPPROTO_FRAGMENT) {
      if (!fragment(line, extent, at)) return;
      later ||= (readBe16(bytes, at + 2) & 0xfff8) !== 0;
      length = 8;
    } else if (protocol === p.IPPROTO_AH) {
      length = (bytes[at + 1]! + 2) * 4;
    } else if (protocol === p.IPPROTO_ESP || later) {
      return;
    } else {
      length = (bytes[at + 1]! + 1) * 8;
    }
    protocol = bytes[at]!;
    at += length;
  }

  switch (protocol) {
    case p.IPPROTO_TCP:
      if (!tcp(line, extent, at, later)) return;
      break;
    case p.IPPROTO_UDP:
    case p.IPPROTO_UDPLITE:
      if (!udp(line, protocol, extent, at, later)) return;
      break;
    case p.IPPROTO_ICMPV6:
      if (!icmpv6(line, extent, at, later, outer)) return;
      break;
    default:
      line.number(w.PROTO, protocol);
  }
  if (outer && mark !== 0) hex(line, w.MARK, mark);
}

/** What the kernel takes for an extension header (`nf_ip6_ext_hdr`), but for the one that says "none". */
function isExtension(protocol: number): boolean {
  return protocol === p.IPPROTO_HOPOPTS || protocol === p.IPPROTO_ROUTING ||
    protocol === p.IPPROTO_FRAGMENT || protocol === p.IPPROTO_ESP ||
    protocol === p.IPPROTO_AH || protocol === p.IPPROTO_DSTOPTS;
}

/** False where the header was cut, and the line ends. */
function fragment(line: LineWriter, extent: Extent, at: number): boolean {
  const { bytes, end } = extent;
  line.text(w.FRAG);
  if (end - at < 8) {
    line.text(TRUNCATED);
    line.text(w.SPACE);
    return false;
  }
  const offset = readBe16(bytes, at + 2);
  line.decimal(offset & 0xfff8);
  line.text(w.SPACE);
  if (offset & 1) line.text(INCOMPLETE);
  line.text(FRAG_ID);
  line.hexPadded(readBe32(bytes, at + 4), 8);
  line.text(w.SPACE);
  return true;
}

/** False where the line ends here, without a mark. */
function icmpv6(
  line: LineWriter,
  extent: Extent,
  at: number,
  later: boolean,
  outer: boolean,
): boolean {
  const { bytes, end } = extent;
  line.text(w.PROTO_ICMPV6);
  if (later) return true;
  if (end - at < p.ICMP_HEADER) {
    incomplete(line, extent, at);
    return false;
  }
  const type = bytes[at]!;
  line.text(w.TYPE);
  line.decimal(type);
  line.number(w.CODE, bytes[at + 1]!);
  switch (type) {
    case p.ICMPV6_ECHO_REQUEST:
    case p.ICMPV6_ECHO_REPLY:
      w.echo(line, bytes, at);
      break;
    case p.ICMPV6_PARAMPROB:
      line.text(POINTER);
      line.hexPadded(readBe32(bytes, at + 4), 8);
      line.text(w.SPACE);
      quoted6(line, extent, at, outer);
      break;
    case p.ICMPV6_DEST_UNREACH:
    case p.ICMPV6_TIME_EXCEED:
      quoted6(line, extent, at, outer);
      break;
    case p.ICMPV6_PKT_TOOBIG:
      quoted6(line, extent, at, outer);
      line.number(w.MTU, readBe32(bytes, at + 4));
  }
  return true;
}

/** The packet that an error quotes; not the one that a quoted error quotes. */
function quoted6(line: LineWriter, extent: Extent, at: number, outer: boolean): void {
  if (!outer) return;
  line.text(OPEN);
  ipv6(line, extent, at + p.ICMP_HEADER, false, 0);
  line.text(CLOSE);
}

function arp(line: LineWriter, extent: Extent, at: number): void {
  const { bytes, end } = extent;
  if (end - at < ARP_HEADER) {
    line.text(TRUNCATED);
    return;
  }
  line.text(ARP_HTYPE);
  line.decimal(readBe16(bytes, at));
  line.text(ARP_PTYPE);
  line.hexPadded(readBe16(bytes, at + 2), 4);
  line.text(ARP_OPCODE);
  line.decimal(readBe16(bytes, at + 6));
  if (readBe16(bytes, at) !== ARPHRD_ETHER || bytes[at + 4] !== 6 || bytes[at + 5] !== 4) return;
  if (end - at < ARP_HEADER + ARP_ADDRESSES) {
    line.text(ARP_INCOMPLETE);
    line.decimal(Math.max(0, extent.whole - at - ARP_HEADER));
    line.text(ARP_BYTES);
    return;
  }
  line.text(ARP_MACSRC);
  line.hardware(bytes, at + 8, 6);
  line.text(ARP_IPSRC);
  line.ipv4(bytes, at + 14);
  line.text(ARP_MACDST);
  line.hardware(bytes, at + 18, 6);
  line.text(ARP_IPDST);
  line.ipv4(bytes, at + 24);
}
