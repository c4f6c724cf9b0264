/** IPv6 packets in lines of the kernel's LOG target. */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import {
  type Extent,
  hex,
  incomplete,
  NF_LOG_IPOPT,
  NF_LOG_UID,
  owner,
  QUOTE,
  SPI,
  tcp,
  TRUNCATED,
  udp,
  UNQUOTE,
} from "./kernel_transport.ts";
import { ascii, type LineWriter } from "../../text/line.ts";
import * as p from "./protocols.ts";
import * as w from "./words.ts";

const INCOMPLETE = ascii("INCOMPLETE ");
const FRAG_ID = ascii("ID:");
const POINTER = ascii("POINTER=");
const OPTIONS = ascii("OPT ( ");
const CLOSE_OPTIONS = ascii(") ");
const END = ascii(")");
const AH = ascii("AH ");
const ESP = ascii("ESP ");

/** Writes an IPv6 packet: the outer one, or the one that an ICMPv6 error quotes. */
export function ipv6(
  line: LineWriter,
  extent: Extent,
  start: number,
  outer: boolean,
  mark: number,
): void {
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
    // The rest is cut off anyway.
    if (line.at > extent.lineEnd) return;
    const shown = (extent.options & NF_LOG_IPOPT) !== 0;
    if (shown) line.text(OPTIONS);
    let length;
    if (protocol === p.IPPROTO_FRAGMENT) {
      if (!fragment(line, extent, at)) return;
      later ||= (readBe16(bytes, at + 2) & 0xfff8) !== 0;
      length = 8;
    } else if (protocol === p.IPPROTO_AH) {
      if (shown && !security(line, AH, extent, at, 4, 12, later)) return;
      length = (bytes[at + 1]! + 2) * 4;
    } else if (protocol === p.IPPROTO_ESP) {
      if (shown && security(line, ESP, extent, at, 0, 8, later)) line.text(END);
      return;
    } else if (later) {
      if (shown) line.text(END);
      return;
    } else {
      length = (bytes[at + 1]! + 1) * 8;
    }
    if (shown) line.text(CLOSE_OPTIONS);
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
  if (!outer) return;
  if ((extent.options & NF_LOG_UID) !== 0) owner(line, extent);
  if (mark !== 0) hex(line, w.MARK, mark);
}

/**
 * Writes an AH or ESP header among the extension headers; returns false if the line ends with it.
 */
function security(
  line: LineWriter,
  word: Uint8Array,
  extent: Extent,
  at: number,
  offset: number,
  least: number,
  later: boolean,
): boolean {
  line.text(word);
  if (later) line.text(END);
  else if (extent.end - at < least) {
    incomplete(line, extent, at);
    line.text(END);
  } else {
    hex(line, SPI, readBe32(extent.bytes, at + offset));
    return true;
  }
  return false;
}

/**
 * Returns whether the kernel prints it as an extension header (`nf_ip6_ext_hdr`), except "no next
 * header".
 */
function isExtension(protocol: number): boolean {
  return protocol === p.IPPROTO_HOPOPTS || protocol === p.IPPROTO_ROUTING ||
    protocol === p.IPPROTO_FRAGMENT || protocol === p.IPPROTO_ESP ||
    protocol === p.IPPROTO_AH || protocol === p.IPPROTO_DSTOPTS;
}

/** Writes a fragment header; returns false if it is truncated, and the line ends. */
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

/** Writes an ICMPv6 message; returns false if the line ends here, without a mark. */
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

/** Writes the packet that an error quotes, but not one within it. */
function quoted6(line: LineWriter, extent: Extent, at: number, outer: boolean): void {
  if (!outer) return;
  line.text(QUOTE);
  ipv6(line, extent, at + p.ICMP_HEADER, false, 0);
  line.text(UNQUOTE);
}
