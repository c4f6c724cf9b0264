/**
 * Areas of blocks, each of which is a section by itself, as one section of one
 * file: interfaces are described once and numbered through. Only the frames of
 * blocks are looked at, no packet.
 *
 * One section, for Wireshark 4.0 looks up a packet's interface as if a file had no
 * second one.
 *
 * @module
 */

import {
  BLOCK_FRAME,
  BLOCK_INTERFACE,
  BLOCK_PACKET,
  BLOCK_SECTION,
  BLOCK_STATISTICS,
} from "./block.ts";
import { writeLe32 } from "./bytes.ts";

/** Interfaces of a section at the most; a new section begins then. */
const INTERFACES_MAX = 16_384;
/** Bytes of their descriptions that are kept at the most, beside those of one area. */
const DESCRIPTIONS_MAX = 1024 * 1024;
const LATIN1 = new TextDecoder("latin1");

/** Joins areas to the section that a file ends with. */
export class SectionJoiner {
  /** The places of the section's interfaces, by their blocks. */
  readonly #places = new Map<string, number>();
  /** The blocks in the order of the section. */
  #blocks: string[] = [];
  /** Whether there is a section that may go on. */
  #goesOn: boolean;
  /** Blocks before the area joined last. */
  #before = 0;
  /** The places of an area's interfaces, in the area's order. */
  #area: number[] = [];
  #described = 0;
  /** What is given back, used over and over. */
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  /**
   * Begins where a file ends.
   *
   * @param described The interface blocks of its last section; undefined where that cannot go on.
   */
  constructor(described: readonly Uint8Array[] | undefined) {
    this.#goesOn = described !== undefined;
    for (const block of described ?? []) this.#add(LATIN1.decode(block));
  }

  /**
   * Joins an area, or several, to what was joined before.
   *
   * @param area Whole blocks, the first of which begins a section.
   * @returns What the file gets; its memory is used again by the next call.
   */
  join(area: Uint8Array): Uint8Array {
    this.#copy(area);
    const isFull = this.#blocks.length >= INTERFACES_MAX || this.#described > DESCRIPTIONS_MAX;
    if (isFull) this.undo(0);
    this.#before = this.#blocks.length;
    const { length } = area;
    let to = 0;
    for (let at = 0; at < length;) {
      // What is not a whole block, no encoder of ours makes: it goes on as it is.
      const size = this.#sizeOf(at, length);
      if (this.#isNew(at, size)) {
        if (to !== at) this.#bytes.copyWithin(to, at, at + size);
        to += size;
      }
      at += size;
    }
    return this.#bytes.subarray(0, to);
  }

  /** Forgets what the last call described, which did not reach the file. */
  undo(before: number = this.#before): void {
    for (const block of this.#blocks.splice(before)) {
      this.#places.delete(block);
      this.#described -= block.length;
    }
    if (before === 0) this.#goesOn = false;
  }

  /** Into memory that nobody else changes. */
  #copy(area: Uint8Array): void {
    if (area.length > this.#bytes.length) {
      this.#bytes = new Uint8Array(area.length);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#bytes.set(area);
  }

  /** The length of the block at a place, or of all that is left where there is no whole one. */
  #sizeOf(at: number, end: number): number {
    const left = end - at;
    if (left < BLOCK_FRAME) return left;
    const size = this.#view.getUint32(at + 4, true);
    return size >= BLOCK_FRAME && size % 4 === 0 && size <= left ? size : left;
  }

  /** Whether the file needs a block; one that does refers to the file's interfaces after this. */
  #isNew(at: number, size: number): boolean {
    if (size < BLOCK_FRAME) return true;
    const type = this.#view.getUint32(at, true);
    if (type === BLOCK_PACKET || type === BLOCK_STATISTICS) {
      const place = this.#area[this.#view.getUint32(at + 8, true)];
      if (place !== undefined) writeLe32(this.#bytes, at + 8, place);
      return true;
    }
    if (type === BLOCK_SECTION) {
      this.#area = [];
      if (this.#goesOn) return false;
      return this.#goesOn = true;
    }
    if (type !== BLOCK_INTERFACE) return true;
    const block = LATIN1.decode(this.#bytes.subarray(at, at + size));
    const place = this.#places.get(block);
    this.#area.push(place ?? this.#add(block));
    return place === undefined;
  }

  #add(block: string): number {
    const place = this.#blocks.length;
    this.#blocks.push(block);
    this.#described += block.length;
    if (!this.#places.has(block)) this.#places.set(block, place);
    return place;
  }
}
