/**
 * The pcap file format (draft-ietf-opsawg-pcap): a header of 24 bytes, then records of 16 bytes and
 * the packet's bytes, all little-endian here.
 */

import { LINKTYPES, otherLinkType, SNAPLEN } from "../link/framing.ts";
import type { LinkType } from "../link/framing.ts";

/** Microsecond timestamps, in the writer's byte order. */
const MAGIC = 0xa1b2c3d4;
/** Nanosecond timestamps. */
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** First 32 bits of a pcapng file. */
const MAGIC_PCAPNG = 0x0a0d0d0a;
/** Size of the file's header in bytes. */
export const FILE_HEADER = 24;
/** Size of a record's header in bytes. */
export const RECORD_HEADER = 16;
/** Bytes to read at a time when a file is checked. */
const WINDOW = 1024 * 1024;

/** Reads at an offset into a buffer; returns the number of bytes read. */
export type ReadAt = (offset: number, buffer: Uint8Array) => number;

/** Encodes the header of a file: version 2.4, UTC, the link type. */
export function fileHeader(linkType: LinkType): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(FILE_HEADER));
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAPLEN, true);
  view.setUint32(20, LINKTYPES[linkType], true);
  return new Uint8Array(view.buffer);
}

/**
 * Finds the end of the last complete record of a file. The rest is torn: a record that a crash left
 * incomplete, or zeros that a file system leaves after a power cut.
 *
 * @param readAt Reads the file.
 * @param size The file's size in bytes, at least 1.
 * @param linkType The link type that the file must have.
 * @returns The offset; 0 if not even the file's header is complete.
 * @throws {Error} If it is another kind of file, or damaged before its end.
 */
export function endOfRecords(readAt: ReadAt, size: number, linkType: LinkType): number {
  const window = new Uint8Array(WINDOW);
  const view = new DataView(window.buffer);
  let base = 0;
  let filled = readAt(0, window);
  const header = fileHeader(linkType);
  if (size < FILE_HEADER && startsWith(header, window.subarray(0, size))) return 0;
  checkHeader(view, size, linkType);
  let end = FILE_HEADER;
  for (let at = FILE_HEADER; at + RECORD_HEADER <= size;) {
    if (at + RECORD_HEADER > base + filled) {
      base = at;
      filled = readAt(at, window);
      if (filled < RECORD_HEADER) {
        throw new Error("it shrinks while it is read; is another program writing it?");
      }
    }
    const seconds = view.getUint32(at - base, true);
    const captured = view.getUint32(at - base + 8, true);
    if (captured > SNAPLEN) {
      throw new Error(
        `it is damaged at byte ${at}: a record of ${captured} bytes; choose another file`,
      );
    }
    at += RECORD_HEADER + captured;
    if (at > size) break;
    // A header of zeros is valid only if a real record follows it.
    if (seconds !== 0 || captured !== 0) end = at;
  }
  return end;
}

/** Returns whether these are the first bytes of a pcap or pcapng file of any kind. */
export function isCapture(start: Uint8Array): boolean {
  if (start.length < 4) return false;
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const magics = [MAGIC, MAGIC_NANOSECONDS, MAGIC_PCAPNG];
  return [true, false].some((isLittle) => magics.includes(view.getUint32(0, isLittle)));
}

/** Throws an error if records cannot be appended after this file header. */
function checkHeader(view: DataView, size: number, linkType: LinkType): void {
  const magic = size < 4 ? 0 : view.getUint32(0, true);
  const swapped = size < 4 ? 0 : view.getUint32(0);
  if (magic === MAGIC_PCAPNG) {
    throw new Error(`it is a pcapng file, not pcap; choose another file, or the format "pcapng"`);
  }
  if (magic === MAGIC_NANOSECONDS || swapped === MAGIC_NANOSECONDS) {
    throw new Error(
      "it is a pcap file with nanoseconds, and nfscribe writes microseconds; choose another file",
    );
  }
  if (swapped === MAGIC) {
    throw new Error("it is a pcap file of the other byte order; choose another file");
  }
  if (magic !== MAGIC || size < FILE_HEADER) {
    throw new Error("it is not a pcap file; choose another file");
  }
  const version = `${view.getUint16(4, true)}.${view.getUint16(6, true)}`;
  if (version !== "2.4") {
    throw new Error(`it is a pcap file of version ${version}, not 2.4; choose another file`);
  }
  const found = view.getUint32(20, true) & 0xffff;
  if (found !== LINKTYPES[linkType]) throw new Error(otherLinkType(found, linkType));
}

function startsWith(whole: Uint8Array, part: Uint8Array): boolean {
  return part.every((byte, index) => byte === whole[index]);
}
