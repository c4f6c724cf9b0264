/**
 * The header of a capture file (draft-ietf-opsawg-pcap): its byte order, the
 * unit of its stamps and its link type.
 *
 * @module
 */

import { decodedLinkTypes, isDecoded } from "../link/types.ts";

/** Stamps in microseconds, in the byte order of whoever wrote the file. */
const MAGIC = 0xa1b2c3d4;
/** Stamps in nanoseconds. */
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Records have Alexey Kuznetsov's longer headers: with interface, protocol and direction. */
const MAGIC_MODIFIED = 0xa1b2cd34;

/** Bytes of the header. */
export const FILE_HEADER = 24;

/** Order of a record's two lengths: captured before original, the other way round, or either. */
export type LengthOrder = "captured first" | "original first" | "either";

/** What it tells. */
export interface FileHeader {
  /** Whether the file's numbers are little-endian. */
  littleEndian: boolean;
  /** Units of the stamps' second part in a second. */
  perSecond: 1_000_000 | 1_000_000_000;
  /** `LINKTYPE_*`, one of those that nfscribe decodes. */
  linkType: number;
  /** Which of a record's lengths comes first. */
  lengthOrder: LengthOrder;
  /** Whether the records' headers are Kuznetsov's. */
  isModified: boolean;
}

/**
 * Reads a file's header.
 *
 * @param bytes The file's first 24 bytes, fewer where there are no more.
 * @returns What it tells.
 * @throws {Error} If nfscribe cannot read such a file; the message, for behind a
 * colon, says why and what to do.
 */
export function readFileHeader(bytes: Uint8Array): FileHeader {
  if (bytes.length === 0) throw new Error("it is empty; choose another file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = bytes.length >= 4 && magicOf(view, true) !== undefined;
  const magic = bytes.length < 4 ? undefined : magicOf(view, littleEndian);
  if (magic === undefined) {
    throw new Error("it is not a capture file in pcap or pcapng format; choose another file");
  }
  if (bytes.length < FILE_HEADER) {
    throw new Error(
      `it ends within its header, after ${bytes.length} of ${FILE_HEADER} bytes; choose another file`,
    );
  }
  const lengthOrder = lengthOrderOf(
    view.getUint16(4, littleEndian),
    view.getUint16(6, littleEndian),
  );
  // What is above tells how long the frame check sequences are.
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  checkLinkType(linkType);
  const perSecond = magic === MAGIC_NANOSECONDS ? 1_000_000_000 : 1_000_000;
  return { littleEndian, perSecond, linkType, lengthOrder, isModified: magic === MAGIC_MODIFIED };
}

/** The magic number, if it is one that is known in this byte order. */
function magicOf(view: DataView, littleEndian: boolean): number | undefined {
  const magic = view.getUint32(0, littleEndian);
  return [MAGIC, MAGIC_NANOSECONDS, MAGIC_MODIFIED].includes(magic) ? magic : undefined;
}

/** Versions 2.0 to 2.4, and 543.0 of DG/UX, as libpcap reads them. */
function lengthOrderOf(major: number, minor: number): LengthOrder {
  if (major === 2 && minor <= 4) {
    return minor === 4 ? "captured first" : minor === 3 ? "either" : "original first";
  }
  if (major === 543 && minor === 0) return "original first";
  throw new Error(
    `it is in version ${major}.${minor} of the pcap format, and nfscribe reads 2.0 to 2.4; ` +
      "convert it first with `editcap -F pcap`",
  );
}

function checkLinkType(linkType: number): void {
  if (isDecoded(linkType)) return;
  throw new Error(
    `its link type is ${linkType}, and nfscribe reads ${decodedLinkTypes()}; choose another file`,
  );
}
