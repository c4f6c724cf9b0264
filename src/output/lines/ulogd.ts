/**
 * Lines of ulogd's LOGEMU output, byte for byte, its bugs included, because parsers rely on them.
 * `ulogd2` is 2.0.8, `ulogd1` is 1.24.
 */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ascii, type LineWriter } from "../../text/line.ts";
import { template, u16, u32 } from "../../text/template.ts";
import { nameBytes } from "../../text/utf8.ts";
import { InterfaceNames } from "../interface_names.ts";
import * as p from "./protocols.ts";
import * as w from "./words.ts";

const MAC = ascii(" MAC=");
const NO_HEADER = ascii("LEN=0 TOS=00 PREC=0x00 TTL=0 ID=0 PROTO=0 ");
const PROTO_0 = ascii("PROTO=0 ");
const PROTO_SCTP = ascii("PROTO=SCTP ");
const PROTO_ARP = ascii("PROTO=ARP ");
/** Without a space after it: the next word follows immediately. */
const INCOMPLETE = ascii("INCOMPLETE");
const NO_ECHO = ascii("ID=0 SEQ=0 ");
const NOWHERE = ascii("0.0.0.0");
const DOT = ascii(".");
const FRAG_IPV6 = ascii("FRAG: ");
const FRAG_ID = ascii(" ID: ");
const REQUEST = ascii("REQUEST ");
const REPLY = ascii("REPLY ");
const REPLY_MAC = ascii("REPLY_MAC=");
const NAK = ascii("NAK ");
const ARP_CODE = ascii("CODE=");
const UID = ascii("UID=");
const GID = ascii("GID=");

const PORTS = template`SPT=${u16(0)} DPT=${u16(2)} `;
const TCP_NUMBERS = template`SEQ=${u32(4)} ACK=${u32(8)} WINDOW=${u16(14)} `;
const TCP_START = template`PROTO=TCP ${PORTS}${TCP_NUMBERS}${w.flags(13, w.TCP_FLAGS)}URGP=`;
const TCP = template`${TCP_START}0 `;
const URGENT_TCP = template`${TCP_START}${u16(18)} `;
const UDP = template`PROTO=UDP ${PORTS}LEN=${u16(4)} `;
const SCTP = template`PROTO=SCTP ${PORTS}`;

/** Size of an ARP packet for Ethernet and IPv4, in bytes. */
const ARP_LENGTH = 28;

/** Writes the line after time and host. */
export class UlogdPrinter {
  readonly #ulogd1: boolean;
  /** An unknown name is empty, as in ulogd for the first packet. */
  readonly #names = new InterfaceNames(({ name = "" }) => nameBytes(name));

  /** Creates a printer of one dialect. */
  constructor(dialect: "ulogd2" | "ulogd1") {
    this.#ulogd1 = dialect === "ulogd1";
  }

  /**
   * Writes a packet's line, without its newline.
   *
   * @returns Whether ulogd prints such packets at all.
   */
  print(line: LineWriter, packet: RawPacket): boolean {
    const kind = kindOf(packet);
    if (kind === undefined) return false;
    const { prefixLength, bytes } = packet;
    if (this.#ulogd1 ? prefixLength > 0 : prefixLength !== ABSENT) {
      line.prefix(bytes, packet.prefixOffset, prefixLength);
      line.text(w.SPACE);
    }
    line.text(w.IN);
    if (packet.inDev !== ABSENT) line.text(this.#names.get(packet.interfaces, packet.inDev));
    line.text(w.OUT);
    if (packet.outDev !== ABSENT) line.text(this.#names.get(packet.interfaces, packet.outDev));
    line.text(MAC);
    if (packet.hwHeaderLength > 0) {
      line.hardware(bytes, packet.hwHeaderOffset, packet.hwHeaderLength);
    }
    line.text(w.SPACE);
    this.#network(line, packet, kind);
    if (!this.#ulogd1) meta(line, packet);
    return true;
  }

  #network(line: LineWriter, packet: RawPacket, kind: number): void {
    const { bytes, payloadOffset: at, payloadLength } = packet;
    // Without a payload (`--nflog-size 0`) ulogd prints the same as for an empty one.
    const end = at + Math.max(payloadLength, 0);
    if (kind === p.ETH_P_IP) ipv4(line, bytes, at, end, this.#ulogd1);
    else if (kind === p.ETH_P_IPV6) ipv6(line, bytes, at, end);
    // 2.0.8 prints nothing for the family ARP
    else if (packet.family !== p.NFPROTO_ARP) arp(line, bytes, at, end);
  }
}

/** Returns the network protocol by its EtherType; undefined for those that ulogd does not print. */
function kindOf({ family, hwProtocol }: RawPacket): number | undefined {
  switch (family) {
    case p.NFPROTO_IPV4:
      return p.ETH_P_IP;
    case p.NFPROTO_IPV6:
      return p.ETH_P_IPV6;
    case p.NFPROTO_ARP:
      return p.ETH_P_ARP;
    case p.NFPROTO_BRIDGE: {
      const known = hwProtocol === p.ETH_P_IP || hwProtocol === p.ETH_P_IPV6 ||
        hwProtocol === p.ETH_P_ARP;
      return known ? hwProtocol : undefined;
    }
    default:
      return undefined;
  }
}

function meta(line: LineWriter, { uid, gid, mark }: RawPacket): void {
  if (uid !== ABSENT) line.number(UID, uid);
  if (gid !== ABSENT) line.number(GID, gid);
  line.text(w.MARK);
  line.hex(mark === ABSENT ? 0 : mark);
  line.text(w.SPACE);
}

function ipv4(line: LineWriter, bytes: Uint8Array, at: number, end: number, ulogd1: boolean): void {
  const transport = at + (bytes[at]! & 0xf) * 4;
  // ulogd ignores a header that nothing follows.
  if (end - at < p.IPV4_HEADER || end <= transport) {
    line.text(NO_HEADER);
    return;
  }
  w.ipv4Header(line, bytes, at, ulogd1 ? w.IPV4.ulogd1 : w.IPV4.ulogd2);
  switch (bytes[at + 9]!) {
    case p.IPPROTO_TCP:
      return tcp(line, bytes, transport, end);
    case p.IPPROTO_UDP:
      return udp(line, bytes, transport, end);
    case p.IPPROTO_SCTP:
      return sctp(line, bytes, transport, end);
    case p.IPPROTO_ICMP:
      return icmp(line, bytes, transport, end, ulogd1);
    case p.IPPROTO_ESP:
      return incomplete(line, w.PROTO_ESP);
    case p.IPPROTO_AH:
      return incomplete(line, w.PROTO_AH);
    default:
      return line.number(w.PROTO, bytes[at + 9]!);
  }
}

function incomplete(line: LineWriter, protocol: Uint8Array): void {
  line.text(protocol);
  line.text(INCOMPLETE);
}

function tcp(line: LineWriter, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < p.TCP_HEADER) return incomplete(line, w.PROTO_TCP);
  const isUrgent = (bytes[at + 13]! & p.TCP_URG) !== 0;
  (isUrgent ? URGENT_TCP : TCP).write(line, bytes, at);
}

function udp(line: LineWriter, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < p.UDP_HEADER) return incomplete(line, w.PROTO_UDP);
  UDP.write(line, bytes, at);
}

function sctp(line: LineWriter, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < p.SCTP_HEADER) return incomplete(line, PROTO_SCTP);
  SCTP.write(line, bytes, at);
}

function icmp(line: LineWriter, bytes: Uint8Array, at: number, end: number, ulogd1: boolean): void {
  if (end - at < p.ICMP_HEADER) return incomplete(line, w.PROTO_ICMP);
  const type = bytes[at]!;
  const code = bytes[at + 1]!;
  line.text(w.PROTO_ICMP);
  line.text(w.TYPE);
  line.decimal(type);
  line.number(w.CODE, code);
  if (ulogd1) return icmpByType(line, bytes, at);
  // ulogd 2 checks the code instead of the type.
  const hasParameter = type === p.ICMP_REDIRECT || type === p.ICMP_PARAMETERPROB;
  switch (code) {
    case p.ICMP_ECHOREPLY:
    case p.ICMP_ECHO:
      if (type === p.ICMP_ECHOREPLY || type === p.ICMP_ECHO) w.echo(line, bytes, at);
      else line.text(NO_ECHO);
      break;
    case p.ICMP_PARAMETERPROB:
      line.number(w.PARAMETER, hasParameter ? bytes[at + 4]! : 0);
      break;
    case p.ICMP_REDIRECT:
      line.text(w.GATEWAY);
      if (hasParameter) backwards(line, bytes, at + 4);
      else line.text(NOWHERE);
      line.text(w.SPACE);
      break;
  }
}

/** Writes an ICMP message as ulogd 1 does, and as intended. */
function icmpByType(line: LineWriter, bytes: Uint8Array, at: number): void {
  switch (bytes[at]!) {
    case p.ICMP_ECHOREPLY:
    case p.ICMP_ECHO:
      return w.echo(line, bytes, at);
    case p.ICMP_PARAMETERPROB:
      return line.number(w.PARAMETER, bytes[at + 4]!);
    case p.ICMP_REDIRECT:
      line.text(w.GATEWAY);
      line.ipv4(bytes, at + 4);
      return line.text(w.SPACE);
    case p.ICMP_DEST_UNREACH:
      if (bytes[at + 1] === p.ICMP_FRAG_NEEDED) line.number(w.MTU, readBe16(bytes, at + 6));
  }
}

/** Writes an address as 2.0.8 prints this one: from its end. */
function backwards(line: LineWriter, bytes: Uint8Array, at: number): void {
  for (let i = 3; i >= 0; i--) {
    line.decimal(bytes[at + i]!);
    if (i > 0) line.text(DOT);
  }
}

function ipv6(line: LineWriter, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < p.IPV6_HEADER) {
    line.text(PROTO_0);
    return;
  }
  line.text(w.SRC);
  line.ipv6(bytes, at + 8);
  line.text(w.DST);
  line.ipv6(bytes, at + 24);
  w.ipv6Header(line, bytes, at);
  ipv6Chain(line, bytes, at + p.IPV6_HEADER, end, bytes[at + 6]!);
}

/**
 * Follows the extension headers, and writes the protocol after them. Of several fragment headers
 * the last one counts.
 */
function ipv6Chain(
  line: LineWriter,
  bytes: Uint8Array,
  start: number,
  end: number,
  next: number,
): void {
  let at = start;
  let protocol = next;
  let fragment = ABSENT;
  let later = false;
  let whole = true;
  for (;;) {
    const length = extensionLength(bytes, at, protocol);
    if (length === ABSENT) break;
    whole = end - at >= 2;
    if (!whole || later && protocol !== p.IPPROTO_FRAGMENT) break;
    whole = end - at >= length;
    if (!whole || protocol === p.IPPROTO_ESP) break;
    if (protocol === p.IPPROTO_FRAGMENT) {
      fragment = at;
      later ||= (readBe16(bytes, at + 2) & 0xfff8) !== 0;
    }
    protocol = bytes[at]!;
    at += length;
  }
  if (fragment !== ABSENT) {
    line.text(FRAG_IPV6);
    line.decimal(readBe16(bytes, fragment + 2) & 0xfff8);
    line.text(FRAG_ID);
    line.hexPadded(readBe32(bytes, fragment + 4), 8);
    line.text(w.SPACE);
  }
  // For later fragments only the protocol's name is printed.
  if (whole) transport(line, bytes, at, later ? at : end, protocol);
  else line.text(PROTO_0);
}

/** Returns the length of an extension header; {@linkcode ABSENT} if the protocol is not one. */
function extensionLength(bytes: Uint8Array, at: number, protocol: number): number {
  switch (protocol) {
    case p.IPPROTO_FRAGMENT:
      return 8;
    case p.IPPROTO_HOPOPTS:
    case p.IPPROTO_ROUTING:
    case p.IPPROTO_DSTOPTS:
      return (bytes[at + 1]! + 1) * 8;
    case p.IPPROTO_AH:
    case p.IPPROTO_ESP: // its SPI is read as in an AH
      return (bytes[at + 1]! + 2) * 4;
    default:
      return ABSENT;
  }
}

/** Writes the payload of an IPv6 packet. */
function transport(
  line: LineWriter,
  bytes: Uint8Array,
  at: number,
  end: number,
  protocol: number,
): void {
  switch (protocol) {
    case p.IPPROTO_TCP:
      return tcp(line, bytes, at, end);
    case p.IPPROTO_UDP:
      return udp(line, bytes, at, end);
    case p.IPPROTO_ICMPV6:
      return icmpv6(line, bytes, at, end);
    case p.IPPROTO_SCTP:
      return incomplete(line, PROTO_SCTP);
    case p.IPPROTO_AH:
    case p.IPPROTO_ESP: // with the wrong name
      return incomplete(line, w.PROTO_AH);
    default:
      return line.number(w.PROTO, protocol);
  }
}

function icmpv6(line: LineWriter, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < p.ICMP_HEADER) return incomplete(line, w.PROTO_ICMPV6);
  const type = bytes[at]!;
  line.text(w.PROTO_ICMPV6);
  line.text(w.TYPE);
  line.decimal(type);
  line.number(w.CODE, bytes[at + 1]!);
  if (type === p.ICMPV6_ECHO_REQUEST || type === p.ICMPV6_ECHO_REPLY) w.echo(line, bytes, at);
}

function arp(line: LineWriter, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < ARP_LENGTH) {
    line.text(PROTO_ARP);
    return;
  }
  line.text(w.SRC);
  line.ipv4(bytes, at + 14);
  line.text(w.DST);
  line.ipv4(bytes, at + 24);
  line.text(w.SPACE);
  line.text(PROTO_ARP);
  const operation = readBe16(bytes, at + 6);
  switch (operation) {
    case 1:
      return line.text(REQUEST);
    case 2:
      line.text(REPLY);
      line.text(REPLY_MAC);
      line.hardware(bytes, at + 8, 6);
      return line.text(w.SPACE);
    case 10:
      return line.text(NAK);
    default:
      return line.number(ARP_CODE, operation);
  }
}
