/**
 * What the kernel's LOG target prints of the layer above IP.
 *
 * @module
 */

import { readBe16, readBe32 } from "../../packet/memory.ts";
import { ascii, type LineWriter } from "./line.ts";
import * as p from "./protocols.ts";
import * as w from "./words.ts";

const PROTO_UDPLITE = ascii("PROTO=UDPLITE ");
const INCOMPLETE_BYTES = ascii("INCOMPLETE [");
const BYTES = ascii(" bytes] ");
const WINDOW = ascii("WINDOW=");
const RES = ascii("RES=0x");
const AE = ascii("AE ");
const SPI = ascii("SPI=0x");
/** The ninth flag, in the byte before the others (RFC 7560, AccECN). */
const TCP_AE = 0x01;
/** The others in the order of the line. */
const TCP_FLAGS = [[p.TCP_CWR, ascii("CWR ")], [p.TCP_ECE, ascii("ECE ")], ...w.TCP_FLAGS] as const;

/** Where a packet lies: what was captured of it, and where it would end. */
export interface Extent {
  bytes: Uint8Array;
  /** End of what was captured. */
  end: number;
  /** End of the packet, which may have been cut. */
  whole: number;
}

/** A word, a number in hexadecimal and a space: `MARK=0x2a `. */
export function hex(line: LineWriter, name: Uint8Array, value: number): void {
  line.text(name);
  line.hex(value);
  line.text(w.SPACE);
}

/** What stands in the place of a header that is not whole. */
export function incomplete(line: LineWriter, extent: Extent, at: number): void {
  line.text(INCOMPLETE_BYTES);
  // The kernel's number is unsigned too, also where a header reaches beyond the packet.
  line.decimal((extent.whole - at) >>> 0);
  line.text(BYTES);
}

/** False where the line ends here, without a mark. */
export function tcp(line: LineWriter, extent: Extent, at: number, later: boolean): boolean {
  const { bytes, end } = extent;
  line.text(w.PROTO_TCP);
  if (later) return true;
  if (end - at < p.TCP_HEADER) {
    incomplete(line, extent, at);
    return false;
  }
  ports(line, bytes, at);
  line.number(WINDOW, readBe16(bytes, at + 14));
  line.text(RES);
  // Three reserved bits, at the place they have in a byte of six.
  line.hexPadded((bytes[at + 12]! & 0x0e) << 2, 2);
  line.text(w.SPACE);
  if (bytes[at + 12]! & TCP_AE) line.text(AE);
  const flags = bytes[at + 13]!;
  for (const [flag, name] of TCP_FLAGS) if (flags & flag) line.text(name);
  line.number(w.URGP, readBe16(bytes, at + 18));
  return true;
}

/** False where the line ends here, without a mark. */
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

/** The security parameters index of AH and ESP. */
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
