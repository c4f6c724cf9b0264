/** Header of a pcap file (draft-ietf-opsawg-pcap): byte order, unit of timestamps, link type. */

import { decodedLinkTypes, isDecoded } from "../link/types.ts";

/** Timestamps in microseconds, in the writer's byte order. */
const MAGIC = 0xa1b2c3d4;
/** Timestamps in nanoseconds. */
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Records have Alexey Kuznetsov's longer headers, with interface, protocol and direction. */
const MAGIC_MODIFIED = 0xa1b2cd34;

/** Compression that nfscribe does not read, with the first bytes of its files. */
const FOREIGN_PACKERS: readonly { name: string; start: readonly number[] }[] = [
  { name: "xz", start: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { name: "bzip2", start: [0x42, 0x5a, 0x68] },
  { name: "lz4", start: [0x04, 0x22, 0x4d, 0x18] },
];

/** Size of the header in bytes. */
export const FILE_HEADER = 24;

/**
 * Order of a record's two lengths: captured before original, original before captured, or either.
 */
export type LengthOrder = "captured first" | "original first" | "either";

/** Contents of the header. */
export interface FileHeader {
  /** Whether the file's numbers are little-endian. */
  littleEndian: boolean;
  /** Units per second of the timestamps' second part. */
  perSecond: 1_000_000 | 1_000_000_000;
  /** `LINKTYPE_*`, one that nfscribe decodes. */
  linkType: number;
  /** Name of a record's first length. */
  lengthOrder: LengthOrder;
  /** Whether the records have Kuznetsov's headers. */
  isModified: boolean;
}

/**
 * Parses a file's header.
 *
 * @param bytes The file's first 24 bytes, or fewer if it is shorter.
 * @returns Its contents.
 * @throws {Error} If nfscribe does not support such a file; the message fits after a colon, and
 *   says why and what to do.
 */
export function readFileHeader(bytes: Uint8Array): FileHeader {
  if (bytes.length === 0) throw new Error("it is empty; choose another file");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = bytes.length >= 4 && magicOf(view, true) !== undefined;
  const magic = bytes.length < 4 ? undefined : magicOf(view, littleEndian);
  if (magic === undefined) {
    const packer = FOREIGN_PACKERS.find(({ start }) =>
      start.every((byte, at) => bytes[at] === byte)
    );
    if (packer !== undefined) {
      const { name } = packer;
      throw new Error(`${name} packed it; unpack it: ${name} -dc FILE | nfscribe replay -`);
    }
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
  // The upper bits hold the length of the frame check sequences.
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  checkLinkType(linkType);
  const perSecond = magic === MAGIC_NANOSECONDS ? 1_000_000_000 : 1_000_000;
  return { littleEndian, perSecond, linkType, lengthOrder, isModified: magic === MAGIC_MODIFIED };
}

/** Returns the magic number, if it is known in this byte order. */
function magicOf(view: DataView, littleEndian: boolean): number | undefined {
  const magic = view.getUint32(0, littleEndian);
  return [MAGIC, MAGIC_NANOSECONDS, MAGIC_MODIFIED].includes(magic) ? magic : undefined;
}

/** Supports versions 2.0 to 2.4, and 543.0 of DG/UX, as libpcap does. */
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
