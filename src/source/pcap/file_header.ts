/**
 * The header of a capture file (draft-ietf-opsawg-pcap): its byte order, the
 * unit of its stamps and its link type.
 *
 * @module
 */

import { decodedLinkTypes, isDecoded } from "./link_types.ts";

/** Stamps in microseconds, in the byte order of whoever wrote the file. */
const MAGIC = 0xa1b2c3d4;
/** Stamps in nanoseconds. */
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** First 32 bits of a file with Alexey Kuznetsov's longer record headers. */
const MAGIC_MODIFIED = 0xa1b2cd34;

/** Bytes of the header. */
export const FILE_HEADER = 24;

/** What it tells. */
export interface FileHeader {
  /** Whether the file's numbers are little-endian. */
  littleEndian: boolean;
  /** Units of the stamps' second part in a second. */
  perSecond: 1_000_000 | 1_000_000_000;
  /** `LINKTYPE_*`, one of those that nfscribe decodes. */
  linkType: number;
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
  if (magic === MAGIC_MODIFIED) {
    throw new Error("it is in a modified pcap format; convert it first with `editcap -F pcap`");
  }
  if (bytes.length < FILE_HEADER) {
    throw new Error(
      `it ends within its header, after ${bytes.length} of ${FILE_HEADER} bytes; choose another file`,
    );
  }
  const version = `${view.getUint16(4, littleEndian)}.${view.getUint16(6, littleEndian)}`;
  if (version !== "2.4") {
    throw new Error(
      `it is in version ${version} of the pcap format, not 2.4; convert it first with ` +
        "`editcap -F pcap`",
    );
  }
  // What is above tells how long the frame check sequences are.
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  checkLinkType(linkType);
  const perSecond = magic === MAGIC_NANOSECONDS ? 1_000_000_000 : 1_000_000;
  return { littleEndian, perSecond, linkType };
}

/** The magic number, if it is one that is known in this byte order. */
function magicOf(view: DataView, littleEndian: boolean): number | undefined {
  const magic = view.getUint32(0, littleEndian);
  return [MAGIC, MAGIC_NANOSECONDS, MAGIC_MODIFIED].includes(magic) ? magic : undefined;
}

function checkLinkType(linkType: number): void {
  if (isDecoded(linkType)) return;
  throw new Error(
    `its link type is ${linkType}, and nfscribe reads ${decodedLinkTypes()}; choose another file`,
  );
}
