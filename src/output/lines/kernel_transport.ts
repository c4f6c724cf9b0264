/** The layer above IP in lines of the kernel's LOG target. */

import { readBe16, readBe32 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ascii, type LineWriter } from "../../text/line.ts";
import type { LogOption } from "./options.ts";
import * as p from "./protocols.ts";
import * as w from "./words.ts";

const PROTO_UDPLITE = ascii("PROTO=UDPLITE ");
const INCOMPLETE_BYTES = ascii("INCOMPLETE [");
const BYTES = ascii(" bytes] ");
const WINDOW = ascii("WINDOW=");
const RES = ascii("RES=0x");
const AE = ascii("AE ");
/** Word before a security parameters index. */
export const SPI: Uint8Array = ascii("SPI=0x");
/** Word in the place of a header that is missing. */
export const TRUNCATED: Uint8Array = ascii("TRUNCATED");
/** Brackets around the packet that an ICMP error quotes. */
export const QUOTE: Uint8Array = ascii("[");
export const UNQUOTE: Uint8Array = ascii("] ");
const UID = ascii("UID=");
const GID = ascii("GID=");
const ACK = ascii(" ACK=");
const TCP_SEQ = ascii("SEQ=");
const OPTIONS = ascii("OPT (");
const OPTIONS_TRUNCATED = ascii("OPT (TRUNCATED)");
const CLOSE = ascii(") ");
/** The ninth flag, in the byte before the others (RFC 7560, AccECN). */
const TCP_AE = 0x01;
/** The other flags in the order of the line. */
const TCP_FLAGS = [[p.TCP_CWR, ascii("CWR ")], [p.TCP_ECE, ascii("ECE ")], ...w.TCP_FLAGS] as const;

/** Extent of a packet, captured and original, with the values that its line needs. */
export interface Extent {
  bytes: Uint8Array;
  /** Offset after the captured bytes. */
  end: number;
  /** Offset after the whole packet, which may be truncated. */
  whole: number;
  /** Options of the LOG rule: `NF_LOG_…`. */
  options: number;
  /** Owner of the sending socket. */
  uid: number;
  gid: number;
  /** Largest offset at which its line may end, in the output. */
  lineEnd: number;
}

/** Options of the LOG target (linux/netfilter/nf_log.h). */
const NF_LOG_TCPSEQ = 0x01;
const NF_LOG_TCPOPT = 0x02;
export const NF_LOG_IPOPT = 0x04;
export const NF_LOG_UID = 0x08;
export const NF_LOG_MACDECODE = 0x20;

const BITS: Readonly<Record<LogOption, number>> = {
  "tcp-sequence": NF_LOG_TCPSEQ,
  "tcp-options": NF_LOG_TCPOPT,
  "ip-options": NF_LOG_IPOPT,
  "uid": NF_LOG_UID,
  "macdecode": NF_LOG_MACDECODE,
};

/** Encodes options as the kernel does. */
export function optionBits(options: readonly LogOption[]): number {
  return options.reduce((bits, option) => bits | BITS[option], 0);
}

/** Writes `OPT (0204…) `: the bytes of a header's options. */
export function optionBytes(line: LineWriter, bytes: Uint8Array, from: number, to: number): void {
  line.text(OPTIONS);
  for (let at = from; at < to; at++) line.hexUpper(bytes[at]!);
  line.text(CLOSE);
}

/** Writes a word, a number in hexadecimal and a space: `MARK=0x2a `. */
export function hex(line: LineWriter, name: Uint8Array, value: number): void {
  line.text(name);
  line.hex(value);
  line.text(w.SPACE);
}

/** Writes the mark of a header that is incomplete. */
export function incomplete(line: LineWriter, extent: Extent, at: number): void {
  line.text(INCOMPLETE_BYTES);
  // The kernel's number is unsigned too, even if a header reaches beyond the packet.
  line.decimal((extent.whole - at) >>> 0);
  line.text(BYTES);
}

/** Writes a TCP header; returns false if the line ends here, without a mark. */
export function tcp(line: LineWriter, extent: Extent, at: number, later: boolean): boolean {
  const { bytes, end } = extent;
  line.text(w.PROTO_TCP);
  if (later) return true;
  if (end - at < p.TCP_HEADER) {
    incomplete(line, extent, at);
    return false;
  }
  ports(line, bytes, at);
  if ((extent.options & NF_LOG_TCPSEQ) !== 0) {
    line.text(TCP_SEQ);
    line.decimal(readBe32(bytes, at + 4));
    line.number(ACK, readBe32(bytes, at + 8));
  }
  line.number(WINDOW, readBe16(bytes, at + 14));
  line.text(RES);
  // Three reserved bits, at their position in a byte of six bits.
  line.hexPadded((bytes[at + 12]! & 0x0e) << 2, 2);
  line.text(w.SPACE);
  if (bytes[at + 12]! & TCP_AE) line.text(AE);
  const flags = bytes[at + 13]!;
  for (const [flag, name] of TCP_FLAGS) if (flags & flag) line.text(name);
  line.number(w.URGP, readBe16(bytes, at + 18));
  return (extent.options & NF_LOG_TCPOPT) === 0 || tcpOptions(line, extent, at);
}

/** Writes TCP options; returns false if they are truncated, and the line ends. */
function tcpOptions(line: LineWriter, { bytes, end }: Extent, at: number): boolean {
  const next = at + (bytes[at + 12]! >> 4) * 4;
  if (next <= at + p.TCP_HEADER) return true;
  if (next > end) {
    line.text(OPTIONS_TRUNCATED);
    return false;
  }
  optionBytes(line, bytes, at + p.TCP_HEADER, next);
  return true;
}

/** Writes a UDP header; returns false if the line ends here, without a mark. */
export function udp(
  line: LineWriter,
  protocol: number,
  extent: Extent,
  at: number,
  later: boolean,
): boolean {
  line.text(protocol === p.IPPROTO_UDP ? w.PROTO_UDP : PROTO_UDPLITE);
  if (later) return true;
  if (extent.end - at < p.UDP_HEADER) {
    incomplete(line, extent, at);
    return false;
  }
  ports(line, extent.bytes, at);
  line.number(w.LEN, readBe16(extent.bytes, at + 4));
  return true;
}

function ports(line: LineWriter, bytes: Uint8Array, at: number): void {
  line.text(w.SPT);
  line.decimal(readBe16(bytes, at));
  line.number(w.DPT, readBe16(bytes, at + 2));
}

/** Writes the security parameters index of AH and ESP. */
export function spi(
  line: LineWriter,
  protocol: Uint8Array,
  extent: Extent,
  at: number,
  offset: number,
  least: number,
): void {
  line.text(protocol);
  if (extent.end - at < least) incomplete(line, extent, at);
  else hex(line, SPI, readBe32(extent.bytes, at + offset));
}

/** Writes user and group of the sending socket. */
export function owner(line: LineWriter, { uid, gid }: Extent): void {
  if (uid === ABSENT) return;
  line.number(UID, uid);
  line.number(GID, Math.max(0, gid));
}
