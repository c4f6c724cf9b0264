/** Checks a pcapng file before it is appended to (draft-ietf-opsawg-pcapng). */

import {
  BLOCK_INTERFACE,
  BLOCK_SECTION,
  BYTE_ORDER_MAGIC,
  interfaceBlock,
  sectionBlock,
} from "../../pcap/write/block.ts";
import { BlockFile } from "../../pcap/write/block_file.ts";
import type { ReadAt } from "../../pcap/write/pcap.ts";
import { LINKTYPES, LINKTYPES_PCAPNG, otherLinkType, SNAPLEN } from "../../pcap/link/framing.ts";
import type { LinkType } from "../../pcap/link/framing.ts";

/** Bytes of a block that are read: up to a section's version, or an interface's snapshot length. */
const HEAD = 16;
/** The longest interface block with which a section is continued, in bytes. */
const DESCRIBED_MAX = 4096;
const NOTHING = new Uint8Array(0);
/** Half of an unspecified section length. */
const ANY_LENGTH = 0xffff_ffff;
/** First 32 bits of a pcap file in either byte order, with micro- and with nanoseconds. */
const MAGICS_PCAP: readonly number[] = [0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1];

/** Returns the block of the interface for packets without a known one. */
export function unnamedInterface(linkType: LinkType): Uint8Array<ArrayBuffer> {
  return interfaceBlock(linkType, undefined, "");
}

/**
 * Returns the header of a new file: a section with one interface and no packet, because tools
 * refuse a file without interfaces.
 */
export function pcapngHeader(linkType: LinkType): Uint8Array<ArrayBuffer> {
  const section = sectionBlock();
  const described = unnamedInterface(linkType);
  const bytes = new Uint8Array(section.length + described.length);
  bytes.set(section);
  bytes.set(described, section.length);
  return bytes;
}

/** State of the end of a file. */
export interface BlocksEnd {
  /**
   * Offset after its last whole block; 0 if not even its first section and interface are complete.
   */
  end: number;
  /** The interface blocks of its last section; undefined if that section cannot be continued. */
  described: Uint8Array[] | undefined;
}

/**
 * Finds the end of a file. Bytes after the last whole block are torn: a block that a crash left
 * incomplete, or zeros that a file system leaves after a power cut.
 *
 * @param readAt Reads the file.
 * @param size The file's size in bytes, at least 1.
 * @param linkType Link type of all its interfaces, because tools do not read mixed ones.
 * @throws {Error} If it is another kind of file, or damaged before its end.
 */
export function endOfBlocks(readAt: ReadAt, size: number, linkType: LinkType): BlocksEnd {
  const file = new BlockFile(readAt, size);
  const header = pcapngHeader(linkType);
  if (size < header.length && file.startsWith(header)) return { end: 0, described: undefined };
  checkKind(file);
  let described: Uint8Array[] = [];
  let goesOn = false;
  let at = 0;
  for (let length = file.blockAt(at); length > 0; length = file.blockAt(at)) {
    const type = file.word(at);
    if (type === BLOCK_SECTION) {
      checkSection(file, at);
      described = [];
      // A length of -1: it may be continued.
      goesOn = file.word(at + 16) === ANY_LENGTH && file.word(at + 20) === ANY_LENGTH;
    } else if (type === BLOCK_INTERFACE) {
      checkInterface(file, at, linkType);
      described.push(length <= DESCRIBED_MAX ? file.bytes(at, length) : NOTHING);
    }
    at += length;
  }
  return { end: at, described: goesOn ? described : undefined };
}

/** Throws if the beginning is not that of a supported file. */
function checkKind(file: BlockFile): void {
  const magic = file.word(0);
  if (MAGICS_PCAP.includes(magic)) {
    throw new Error(`it is a pcap file, not pcapng; choose another file, or the format "pcap"`);
  }
  if (magic !== BLOCK_SECTION || file.size < HEAD) {
    throw new Error("it is not a pcapng file; choose another file");
  }
  checkSection(file, 0);
}

/** Throws if packets cannot be appended to a file with this interface. */
function checkInterface(file: BlockFile, at: number, linkType: LinkType): void {
  const found = file.word(at + 8) & 0xffff;
  if (found !== LINKTYPES[linkType] && found !== LINKTYPES_PCAPNG[linkType]) {
    throw new Error(otherLinkType(found, linkType));
  }
  const snapshot = file.word(at + 12);
  if (snapshot !== SNAPLEN) {
    throw new Error(
      `its snapshot length is ${snapshot}, not ${SNAPLEN}, and tcpdump reads no file with both; ` +
        "choose another file",
    );
  }
}

function checkSection(file: BlockFile, at: number): void {
  const order = file.word(at + 8);
  if (order === 0x4d3c2b1a) {
    throw new Error("it is a pcapng file of the other byte order; choose another file");
  }
  if (order !== BYTE_ORDER_MAGIC) throw new Error("it is not a pcapng file; choose another file");
  const version = file.word(at + 12);
  // A major and a minor number; 1.2 is read as 1.0.
  if ((version & 0xffff) !== 1) {
    throw new Error(
      `it is a pcapng file of version ${version & 0xffff}.${version >>> 16}, not 1.0; ` +
        "choose another file",
    );
  }
}
