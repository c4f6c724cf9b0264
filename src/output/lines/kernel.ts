/**
 * Lines of the kernel's LOG target (nf_log_syslog), as a rule with the options of `log_options`
 * prints them.
 */

import { originalLength } from "../../packet/ip.ts";
import { readBe16 } from "../../bytes/memory.ts";
import { networkOffset } from "../../packet/network.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ascii, type LineWriter } from "../../text/line.ts";
import { nameBytes } from "../../text/utf8.ts";
import { InterfaceNames } from "../interface_names.ts";
import { arp, linkHeader } from "./kernel_link.ts";
import { ipv6 } from "./kernel_ipv6.ts";
import {
  type Extent,
  hex,
  incomplete,
  NF_LOG_IPOPT,
  NF_LOG_UID,
  optionBits,
  optionBytes,
  owner,
  QUOTE,
  spi,
  tcp,
  TRUNCATED,
  udp,
  UNQUOTE,
} from "./kernel_transport.ts";
import type { LogOption } from "./options.ts";
import * as p from "./protocols.ts";
import * as w from "./words.ts";

const PHYSIN = ascii("PHYSIN=");
const PHYSOUT = ascii("PHYSOUT=");
const NOTHING = ascii("");

/** The smallest size in bytes of an ICMP message by type (nf_log_syslog.c: `required_len`). */
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

/**
 * The most characters that the kernel prints: its buffer of 1024 bytes without a length, a NUL, and
 * the two bytes of the level (nf_log.c: `S_SIZE`).
 */
const PRINTED_MAX = 1016;

/** Writes the line after time, host and `kernel: `. */
export class KernelPrinter {
  /** An interface without a known name is printed by its index. */
  readonly #names = new InterfaceNames((device) => nameBytes(device.toString()));
  readonly #extent: Extent;

  /**
   * Creates a printer.
   *
   * @param options Options of the LOG rule.
   */
  constructor(options: readonly LogOption[]) {
    this.#extent = {
      bytes: new Uint8Array(0),
      end: 0,
      whole: 0,
      options: optionBits(options),
      uid: ABSENT,
      gid: ABSENT,
      lineEnd: 0,
    };
  }

  /** Writes a packet's line without its newline; the kernel prints every packet. */
  print(line: LineWriter, packet: RawPacket): boolean {
    const lineEnd = line.at + PRINTED_MAX;
    this.#extent.lineEnd = lineEnd;
    this.#print(line, packet);
    if (line.at > lineEnd) line.at = lineEnd;
    return true;
  }

  #print(line: LineWriter, packet: RawPacket): void {
    const { bytes } = packet;
    if (packet.prefixLength > 0) line.prefix(bytes, packet.prefixOffset, packet.prefixLength);
    this.#devices(line, packet);
    const kind = kindOf(packet);
    if (kind !== p.ETH_P_ARP && (hasInput(packet) || !isIp(kind))) {
      linkHeader(line, packet, this.#extent.options);
    }
    if (packet.payloadLength === ABSENT) return;
    const extent = this.#extent;
    extent.uid = packet.uid;
    extent.gid = packet.gid;
    // In outbound packets the link header may precede it.
    const at = networkOffset(packet);
    extent.bytes = bytes;
    extent.end = packet.payloadOffset + packet.payloadLength;
    extent.whole = packet.payloadOffset + originalLength(packet);
    const mark = packet.mark === ABSENT ? 0 : packet.mark;
    // After a link header the kernel prints an IPv4 packet as if an ICMP error quoted it.
    if (kind === p.ETH_P_IP) ipv4(line, extent, at, at === packet.payloadOffset, mark);
    else if (kind === p.ETH_P_IPV6) ipv6(line, extent, at, true, mark);
    else if (kind === p.ETH_P_ARP) arp(line, packet, extent, at);
  }

  #devices(line: LineWriter, packet: RawPacket): void {
    const { family, inDev, outDev, physInDev, physOutDev } = packet;
    // A bridge's own rules log the ports, and NFLOG logs the bridge besides them.
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

/** Returns whether the packet has an input device. */
function hasInput({ family, inDev, physInDev }: RawPacket): boolean {
  return inDev !== ABSENT || (family === p.NFPROTO_BRIDGE && physInDev !== ABSENT);
}

function isIp(kind: number): boolean {
  return kind === p.ETH_P_IP || kind === p.ETH_P_IPV6;
}

/** Returns the network protocol by its EtherType; RARP has the format and the line of ARP. */
function kindOf({ family, hwProtocol }: RawPacket): number {
  if (family === p.NFPROTO_IPV4) return p.ETH_P_IP;
  if (family === p.NFPROTO_IPV6) return p.ETH_P_IPV6;
  if (family === p.NFPROTO_ARP) return p.ETH_P_ARP;
  return hwProtocol === p.ETH_P_RARP ? p.ETH_P_ARP : hwProtocol;
}

/** Writes an IPv4 packet: the outer one, or the one that an ICMP error quotes. */
function ipv4(line: LineWriter, extent: Extent, at: number, outer: boolean, mark: number): void {
  const { bytes, end } = extent;
  if (end - at < p.IPV4_HEADER) {
    line.text(TRUNCATED);
    return;
  }
  w.ipv4Header(line, bytes, at, w.IPV4.kernel);
  const later = (readBe16(bytes, at + 6) & 0x1fff) !== 0;
  const next = at + (bytes[at]! & 0xf) * 4;
  if ((extent.options & NF_LOG_IPOPT) !== 0 && next > at + p.IPV4_HEADER) {
    if (next > end) {
      line.text(TRUNCATED);
      return;
    }
    optionBytes(line, bytes, at + p.IPV4_HEADER, next);
  }
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
      // For a later fragment not even the protocol is printed.
      if (!later) spi(line, w.PROTO_AH, extent, next, 4, 12);
      break;
    case p.IPPROTO_ESP:
      line.text(w.PROTO_ESP);
      if (!later) spi(line, NOTHING, extent, next, 0, 8);
      break;
    default:
      line.number(w.PROTO, protocol);
  }
  if (!outer) return;
  if ((extent.options & NF_LOG_UID) !== 0) owner(line, extent);
  if (mark !== 0) hex(line, w.MARK, mark);
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

/** Writes the packet that an error quotes, but not one within it. */
function quoted4(line: LineWriter, extent: Extent, at: number, outer: boolean): void {
  if (!outer) return;
  line.text(QUOTE);
  ipv4(line, extent, at + p.ICMP_HEADER, false, 0);
  line.text(UNQUOTE);
}
