/**
 * Records of pcapng files (draft-ietf-opsawg-pcapng): sections of either byte order, several
 * interfaces, any resolution of time; unknown blocks are skipped.
 */

import { wordAlign } from "../../bytes/write.ts";
import type { InterfaceTable } from "../../packet/interface.ts";
import { BIG_ENDIAN, CAPTURED_MAX, OUTBOUND } from "./layout.ts";
import { isDecoded } from "../link/types.ts";
import { InterfaceNames, type PcapngInterface, readInterface } from "./pcapng_interface.ts";
import { findOption } from "./pcapng_options.ts";
import { type FileRecord, type RecordParser, Step } from "./record.ts";
import type { Window } from "./window.ts";

/** Section Header Block: the same number in either byte order. */
export const BLOCK_SECTION = 0x0a0d0d0a;
const BLOCK_INTERFACE = 1;
/** Packet Block, which is obsolete. */
const BLOCK_OLD_PACKET = 2;
const BLOCK_SIMPLE_PACKET = 3;
const BLOCK_ENHANCED_PACKET = 6;

/** Size of the frame of every block in bytes: type, length, length. */
const FRAME = 12;
/**
 * Sizes of a Section Header Block and an Interface Description Block before their options, in
 * bytes.
 */
const SECTION = 28;
const INTERFACE = 20;
/** The largest block in bytes, as in libpcap. */
const BLOCK_MAX = 16 * 1024 * 1024;
/** Of a longer block, only so many bytes at its start are read: no packet reaches further. */
const HEAD_MAX = 512 * 1024;
/** The most interfaces of a section. */
const INTERFACES_MAX = 65_536;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const BYTE_ORDER_MAGIC_SWAPPED = 0x4d3c2b1a;

/** Offset of a packet's data in its block: enhanced and old, simple. */
const DATA = 28;
const SIMPLE_DATA = 12;
const EPB_FLAGS = 2;
/** Bit of `epb_flags`: outbound packet. */
const FLAG_OUTBOUND = 2;

/** Finds the records of a pcapng file. */
export class PcapngParser implements RecordParser {
  readonly passedOver: Map<number, number> = new Map();
  damage = "";
  readonly #names = new InterfaceNames();
  #littleEndian = true;
  #interfaces: PcapngInterface[] = [];

  /** Interfaces by numbers of this reader's own. */
  get interfaces(): InterfaceTable {
    return this.#names.table;
  }

  next(window: Window, record: FileRecord): number {
    while (window.has(FRAME)) {
      const { at, view } = window;
      const type = view.getUint32(at, this.#littleEndian);
      if (type === BLOCK_SECTION && !this.#setByteOrder(window)) return Step.DAMAGED;
      const length = view.getUint32(at + 4, this.#littleEndian);
      if (length < FRAME || length > BLOCK_MAX || length % 4 !== 0) {
        return this.#damaged(`a block of ${length} bytes`);
      }
      if (!window.has(Math.min(length, HEAD_MAX))) return Step.MORE;
      if (length <= HEAD_MAX) {
        const again = view.getUint32(at + length - 4, this.#littleEndian);
        if (again !== length) {
          return this.#damaged(`a block of ${length} bytes ends as one of ${again}`);
        }
      }
      const step = this.#block(type, length, window, record);
      if (step !== undefined) return step;
      window.skip(length);
    }
    return Step.MORE;
  }

  cut(window: Window): string | undefined {
    const { left, skipping } = window;
    if (skipping > 0) return `a block that is ${skipping} bytes longer`;
    if (left === 0) return undefined;
    if (left < FRAME) return `${left} of the ${FRAME} bytes that a block has at the least`;
    const length = window.view.getUint32(window.at + 4, this.#littleEndian);
    return `${left} of the ${length} bytes of a block`;
  }

  /** Sets the byte order, which a section declares before its length. */
  #setByteOrder({ view, at }: Window): boolean {
    const magic = view.getUint32(at + 8, true);
    if (magic !== BYTE_ORDER_MAGIC && magic !== BYTE_ORDER_MAGIC_SWAPPED) {
      this.#damaged("a section without its byte order");
      return false;
    }
    this.#littleEndian = magic === BYTE_ORDER_MAGIC;
    return true;
  }

  /** Parses a block; returns undefined if it has no record. */
  #block(
    type: number,
    length: number,
    window: Window,
    record: FileRecord,
  ): number | undefined {
    switch (type) {
      case BLOCK_SECTION:
        return this.#section(length, window);
      case BLOCK_INTERFACE:
        return this.#interface(length, window);
      case BLOCK_ENHANCED_PACKET:
        return this.#packet(window.view.getUint32(window.at + 8, this.#littleEndian), {
          length,
          window,
          record,
        });
      case BLOCK_OLD_PACKET:
        return this.#packet(window.view.getUint16(window.at + 8, this.#littleEndian), {
          length,
          window,
          record,
        });
      case BLOCK_SIMPLE_PACKET:
        return this.#simplePacket({ length, window, record });
      default:
        return undefined;
    }
  }

  #section(length: number, { view, at }: Window): number | undefined {
    if (length < SECTION) return this.#damaged(`a section's block of ${length} bytes`);
    const major = view.getUint16(at + 12, this.#littleEndian);
    if (major !== 1) return this.#damaged(`a section of version ${major}`);
    this.#interfaces = [];
    return undefined;
  }

  #interface(length: number, window: Window): number | undefined {
    if (length < INTERFACE) return this.#damaged(`an interface's block of ${length} bytes`);
    if (this.#interfaces.length === INTERFACES_MAX) {
      return this.#damaged(`more than ${INTERFACES_MAX} interfaces`);
    }
    const found = readInterface(
      { view: window.view, littleEndian: this.#littleEndian },
      { at: window.at, end: window.at + Math.min(length, HEAD_MAX) },
    );
    if (typeof found === "string") return this.#damaged(found);
    this.#interfaces.push({ ...found, number: this.#names.numberOf(found.name) });
    return undefined;
  }

  #packet(id: number, block: PacketBlock): number | undefined {
    const { length, window: { view, at }, record } = block;
    const littleEndian = this.#littleEndian;
    if (length < DATA + 4) return this.#damaged(`a packet's block of ${length} bytes`);
    const captured = view.getUint32(at + 20, littleEndian);
    if (captured > CAPTURED_MAX || DATA + captured + 4 > length) {
      return this.#damaged(`a packet of ${captured} bytes in a block of ${length}`);
    }
    const found = this.#found(id);
    if (found === undefined) {
      return this.#damaged(`a packet of interface ${id}, which is not there`);
    }
    if (!isDecoded(found.linkType)) return this.#passOver(found);
    found.clock.read(
      view.getUint32(at + 12, littleEndian),
      view.getUint32(at + 16, littleEndian),
      record,
    );
    record.captured = captured;
    record.original = view.getUint32(at + 24, littleEndian);
    return this.#fill(block, found, DATA, this.#isOutbound(block, captured) ? OUTBOUND : 0);
  }

  #simplePacket(block: PacketBlock): number | undefined {
    const { length, window: { view, at }, record } = block;
    if (length < SIMPLE_DATA + 4) return this.#damaged(`a packet's block of ${length} bytes`);
    const found = this.#found(0);
    if (found === undefined) return this.#damaged("a packet of interface 0, which is not there");
    const original = view.getUint32(at + 8, this.#littleEndian);
    const snapped = found.snapshotLength === 0 ? original : found.snapshotLength;
    const captured = Math.min(original, snapped, length - SIMPLE_DATA - 4);
    if (captured > CAPTURED_MAX) return this.#damaged(`a packet of ${captured} bytes`);
    if (!isDecoded(found.linkType)) return this.#passOver(found);
    // The block has no timestamp.
    record.seconds = record.nanoseconds = 0;
    record.captured = captured;
    record.original = original;
    return this.#fill(block, found, SIMPLE_DATA, 0);
  }

  #fill(
    { length, window: { at }, record }: PacketBlock,
    { linkType, number }: PcapngInterface,
    data: number,
    flags: number,
  ): number {
    record.kind = linkType | flags | (this.#littleEndian ? 0 : BIG_ENDIAN);
    record.interface = number;
    record.data = at + data;
    record.size = length;
    return Step.RECORD;
  }

  #isOutbound({ length, window: { view, at } }: PacketBlock, captured: number): boolean {
    const options = at + DATA + wordAlign(captured);
    const end = at + Math.min(length, HEAD_MAX) - 4;
    // Most blocks have no options.
    if (end - options < 8) return false;
    const found = findOption({ view, littleEndian: this.#littleEndian }, options, end, EPB_FLAGS);
    if (found === undefined || found.length !== 4) return false;
    return (view.getUint32(found.at, this.#littleEndian) & 3) === FLAG_OUTBOUND;
  }

  #found(id: number): PcapngInterface | undefined {
    return this.#interfaces[id];
  }

  #passOver({ linkType }: PcapngInterface): undefined {
    this.passedOver.set(linkType, (this.passedOver.get(linkType) ?? 0) + 1);
  }

  #damaged(what: string): number {
    this.damage = what;
    return Step.DAMAGED;
  }
}

/** The available part of a packet's block, and the record to fill in. */
interface PacketBlock {
  length: number;
  window: Window;
  record: FileRecord;
}
