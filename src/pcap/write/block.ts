/**
 * Encodes blocks of pcapng files (draft-ietf-opsawg-pcapng), little-endian: a type, the block's
 * length, its body padded to 4, the length again.
 */

import { VERSION } from "../../version.ts";
import { concat, padWord, wordAlign, writeLe16, writeLe32 } from "../../bytes/write.ts";
import { LINKTYPES_PCAPNG, SNAPLEN } from "../link/framing.ts";
import type { LinkType } from "../link/framing.ts";

/** Section Header Block: the same number in either byte order. */
export const BLOCK_SECTION = 0x0a0d0d0a;
/** Interface Description Block. */
export const BLOCK_INTERFACE = 1;
/** Interface Statistics Block. */
export const BLOCK_STATISTICS = 5;
/** Enhanced Packet Block. */
export const BLOCK_PACKET = 6;

/** The byte order magic of a section. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Size of the frame of every block in bytes: type, length, length. */
export const BLOCK_FRAME = 12;
/** Size of an option's code and length in bytes; the end of options has nothing else. */
export const OPTION_HEADER = 4;

/** Options of all blocks. */
export const OPT_COMMENT = 1;
/** Options of a Section Header Block. */
const SHB_USERAPPL = 4;
/** Options of an Interface Description Block. */
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
/** Options of an Enhanced Packet Block. */
export const EPB_FLAGS = 2;
export const EPB_DROPCOUNT = 4;
/** Options of an Interface Statistics Block. */
const ISB_IFDROP = 5;

/** Value of `shb_userappl`. */
export const APPLICATION: string = `nfscribe ${VERSION}`;
/** Resolution of timestamps: units of 10^-9 seconds. */
const NANOSECONDS = 9;
const TWO_16 = 0x1_0000;
const TWO_32 = 0x1_0000_0000;

/** Encodes a Section Header Block without a section length. */
export function sectionBlock(): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(16);
  writeLe32(body, 0, BYTE_ORDER_MAGIC);
  writeLe16(body, 4, 1); // version 1.0
  body.fill(0xff, 8);
  return block(BLOCK_SECTION, body, [textOption(SHB_USERAPPL, APPLICATION)]);
}

/** Returns the name of a source in a description: with its host, where that is another one. */
export function sourceText(host: string, source: string): string {
  return host === "" ? source : `${source} of ${host}`.trimStart();
}

/**
 * Encodes an Interface Description Block. Packets refer to the interface by its index in the
 * section.
 *
 * @param linkType Link type of its packets.
 * @param name Name of the interface, if it is known.
 * @param source Name of its source; empty if there is only one.
 */
export function interfaceBlock(
  linkType: LinkType,
  name: string | undefined,
  source: string,
): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(8);
  writeLe16(body, 0, LINKTYPES_PCAPNG[linkType]);
  writeLe32(body, 4, SNAPLEN);
  const options = [option(IF_TSRESOL, Uint8Array.of(NANOSECONDS))];
  if (source !== "") options.unshift(textOption(IF_DESCRIPTION, `source ${source}`));
  if (name !== undefined) options.unshift(textOption(IF_NAME, name));
  return block(BLOCK_INTERFACE, body, options);
}

/**
 * Encodes a section that reports packets lost by a source.
 *
 * @param linkType Link type of the file.
 * @param source Name of the source; empty if there is only one.
 * @param packets Number of lost packets.
 * @param seconds Time when the loss was noticed, in seconds since the Unix epoch.
 * @param nanoseconds Nanoseconds past that second.
 */
export function lossSection(
  linkType: LinkType,
  source: string,
  packets: number,
  seconds: number,
  nanoseconds: number,
): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(12);
  writeTime(body, 4, seconds, nanoseconds);
  const count = new Uint8Array(8);
  writeLe32(count, 0, packets);
  writeLe32(count, 4, packets / TWO_32);
  const words = `lost=${packets}${source === "" ? "" : ` source=${source}`}`;
  return concat([
    sectionBlock(),
    interfaceBlock(linkType, undefined, source),
    block(BLOCK_STATISTICS, body, [textOption(OPT_COMMENT, words), option(ISB_IFDROP, count)]),
  ]);
}

/**
 * Writes a time in nanoseconds since the Unix epoch as two words, the upper one first; it wraps in
 * the year 2554.
 */
export function writeTime(out: Uint8Array, at: number, seconds: number, nanoseconds: number): void {
  // In two halves: a number cannot hold the product exactly.
  const upper = Math.floor(seconds / TWO_16) * 1e9;
  const lower = seconds % TWO_16 * 1e9 + nanoseconds + upper % TWO_16 * TWO_16;
  writeLe32(out, at, Math.floor(upper / TWO_16) + Math.floor(lower / TWO_32));
  writeLe32(out, at + 4, lower);
}

function block(type: number, body: Uint8Array, options: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const inside = concat([body, ...options, new Uint8Array(OPTION_HEADER)]);
  const bytes = new Uint8Array(BLOCK_FRAME + inside.length);
  writeLe32(bytes, 0, type);
  writeLe32(bytes, 4, bytes.length);
  bytes.set(inside, 8);
  writeLe32(bytes, bytes.length - 4, bytes.length);
  return bytes;
}

function textOption(code: number, text: string): Uint8Array {
  return option(code, new TextEncoder().encode(text));
}

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(OPTION_HEADER + wordAlign(value.length));
  writeOptionHeader(bytes, 0, code, value.length);
  bytes.set(value, OPTION_HEADER);
  return bytes;
}

/**
 * Writes an option's code and length and the padding after its value; returns the offset of the
 * value.
 */
export function writeOptionHeader(
  out: Uint8Array,
  at: number,
  code: number,
  length: number,
): number {
  writeLe16(out, at, code);
  writeLe16(out, at + 2, length);
  padWord(out, at + OPTION_HEADER, length);
  return at + OPTION_HEADER;
}
