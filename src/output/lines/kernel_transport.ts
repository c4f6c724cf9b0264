/** The layer above IP in lines of the kernel's LOG target. */

import { readBe32 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ascii, type LineWriter, Word } from "../../text/line.ts";
import { choice, template, u16, u32 } from "../../text/template.ts";
import type { LogOption } from "./options.ts";
import * as p from "./protocols.ts";
import * as w from "./words.ts";

const PROTO_UDPLITE = ascii("PROTO=UDPLITE ");
const INCOMPLETE_BYTES = ascii("INCOMPLETE [");
const BYTES = ascii(" bytes] ");
/** Word before a security parameters index. */
export const SPI: Uint8Array = ascii("SPI=0x");
/** Word in the place of a header that is missing. */
export const TRUNCATED: Uint8Array = ascii("TRUNCATED");
/** Brackets around the packet that an ICMP error quotes. */
export const QUOTE: Uint8Array = ascii("[");
export const UNQUOTE: Uint8Array = ascii("] ");
const UID = ascii("UID=");
const GID = ascii("GID=");
const OPTIONS = ascii("OPT (");
const OPTIONS_TRUNCATED = ascii("OPT (TRUNCATED)");
const CLOSE = ascii(") ");
/** The ninth flag, in the byte before the others (RFC 7560, AccECN). */
const TCP_AE = 0x01;
/** The other flags in the order of the line. */
const TCP_FLAGS: readonly w.Flag[] = [[p.TCP_CWR, "CWR "], [p.TCP_ECE, "ECE "], ...w.TCP_FLAGS];
/** Three reserved bits, at their position in a byte of six bits. */
const RESERVED = Array.from({ length: 8 }, (_, bits) => {
  return new Word((bits << 3).toString(16).padStart(2, "0"));
});
const PORTS = template`SPT=${u16(0)} DPT=${u16(2)} `;
const SEQUENCES = template`SEQ=${u32(4)} ACK=${u32(8)} `;
const TCP_BITS = template`${w.flags(12, [[TCP_AE, "AE "]])}${w.flags(13, TCP_FLAGS)}`;
const TCP_REST = template`WINDOW=${u16(14)} RES=0x${choice(12, 0x0e, RESERVED)} ${TCP_BITS}`;
const TCP = template`${PORTS}${TCP_REST}URGP=${u16(18)} `;
const SEQUENCED_TCP = template`${PORTS}${SEQUENCES}${TCP_REST}URGP=${u16(18)} `;
const UDP = template`${PORTS}LEN=${u16(4)} `;

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
  const isSequenced = (extent.options & NF_LOG_TCPSEQ) !== 0;
  (isSequenced ? SEQUENCED_TCP : TCP).write(line, bytes, at);
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
  UDP.write(line, extent.bytes, at);
  return true;
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
