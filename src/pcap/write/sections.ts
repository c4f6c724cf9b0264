/**
 * Joins areas of blocks, each a section by itself, into one section of a file: interfaces are
 * described once and renumbered. Only the frames of blocks are read, no packets.
 *
 * One section, because Wireshark 4.0 looks up a packet's interface as if a file had only one.
 */

import {
  BLOCK_FRAME,
  BLOCK_INTERFACE,
  BLOCK_PACKET,
  BLOCK_SECTION,
  BLOCK_STATISTICS,
} from "./block.ts";
import { writeLe32 } from "../../bytes/write.ts";

/** The most interfaces of a section; a new section begins then. */
const INTERFACES_MAX = 16_384;
/** The most bytes of their descriptions that are kept, besides those of one area. */
const DESCRIPTIONS_MAX = 1024 * 1024;
const LATIN1 = new TextDecoder("latin1");

/** Joins areas to the section at the end of a file. */
export class SectionJoiner {
  /** Indexes of the section's interfaces, by their blocks. */
  readonly #places = new Map<string, number>();
  /** Interface blocks in the order of the section. */
  #blocks: string[] = [];
  /** Whether there is a section that can be continued. */
  #goesOn: boolean;
  /** Number of interface blocks before the area joined last. */
  #before = 0;
  /** Indexes in the section of an area's interfaces, in the area's order. */
  #area: number[] = [];
  #described = 0;
  /** Memory of the result, which each call reuses. */
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  /**
   * Continues at the end of a file.
   *
   * @param described The interface blocks of its last section; undefined if that cannot be
   *   continued.
   */
  constructor(described: readonly Uint8Array[] | undefined) {
    this.#goesOn = described !== undefined;
    for (const block of described ?? []) this.#add(LATIN1.decode(block));
  }

  /**
   * Joins one or more areas to those joined before.
   *
   * @param area Whole blocks, the first of which begins a section.
   * @returns The bytes to append to the file; the next call reuses their memory.
   */
  join(area: Uint8Array): Uint8Array {
    this.#copy(area);
    const isFull = this.#blocks.length >= INTERFACES_MAX || this.#described > DESCRIPTIONS_MAX;
    if (isFull) this.undo(0);
    this.#before = this.#blocks.length;
    const { length } = area;
    let to = 0;
    for (let at = 0; at < length;) {
      // Our encoders make whole blocks only; other bytes are copied as they are.
      const size = this.#sizeOf(at, length);
      if (this.#isNew(at, size)) {
        if (to !== at) this.#bytes.copyWithin(to, at, at + size);
        to += size;
      }
      at += size;
    }
    return this.#bytes.subarray(0, to);
  }

  /** Forgets the interfaces of the last call, whose bytes did not reach the file. */
  undo(before: number = this.#before): void {
    for (const block of this.#blocks.splice(before)) {
      this.#places.delete(block);
      this.#described -= block.length;
    }
    if (before === 0) this.#goesOn = false;
  }

  /** Copies an area into memory of its own. */
  #copy(area: Uint8Array): void {
    if (area.length > this.#bytes.length) {
      this.#bytes = new Uint8Array(area.length);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#bytes.set(area);
  }

  /** Returns the length of the block at an offset, or of the rest if there is no whole block. */
  #sizeOf(at: number, end: number): number {
    const left = end - at;
    if (left < BLOCK_FRAME) return left;
    const size = this.#view.getUint32(at + 4, true);
    return size >= BLOCK_FRAME && size % 4 === 0 && size <= left ? size : left;
  }

  /** Returns whether the file needs a block; renumbers the interface of a packet's block. */
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
