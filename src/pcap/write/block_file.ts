/**
 * The frames of a pcapng file's blocks (draft-ietf-opsawg-pcapng): where each ends.
 *
 * @module
 */

import { BLOCK_FRAME } from "./block.ts";
import type { ReadAt } from "./pcap.ts";

/** How much of a file is read at a time, in bytes. */
const WINDOW = 1024 * 1024;
/** The most bytes that a block may have, as Wireshark has it. */
const BLOCK_MAX = 16 * 1024 * 1024;

/** Reads a file's blocks, forward, through one window. */
export class BlockFile {
  /** The file's size in bytes. */
  readonly size: number;
  readonly #readAt: ReadAt;
  readonly #bytes = new Uint8Array(WINDOW);
  readonly #view = new DataView(this.#bytes.buffer);
  #base = 0;
  #filled = 0;

  /** Looks at a file. */
  constructor(readAt: ReadAt, size: number) {
    this.#readAt = readAt;
    this.size = size;
  }

  /** The 32 bits at a place; 0 where the file has ended. */
  word(at: number): number {
    if (at + 4 > this.size) return 0;
    this.#fill(at, 4);
    return this.#view.getUint32(at - this.#base, true);
  }

  /** So many bytes at a place, as memory of their own; no more than a window. */
  bytes(at: number, length: number): Uint8Array {
    this.#fill(at, length);
    return this.#bytes.slice(at - this.#base, at - this.#base + length);
  }

  /** Whether all of the file is what something begins with. */
  startsWith(whole: Uint8Array): boolean {
    this.#fill(0, this.size);
    for (let i = 0; i < this.size; i++) if (this.#bytes[i] !== whole[i]) return false;
    return true;
  }

  /**
   * The length of the block at a place.
   *
   * @returns Bytes, or 0 where the file ends, or its end is torn.
   * @throws {Error} If it is damaged, and not torn.
   */
  blockAt(at: number): number {
    const left = this.size - at;
    if (left < BLOCK_FRAME) return 0;
    const length = this.word(at + 4);
    if (length === 0 && this.#isZeroFrom(at)) return 0;
    if (length < BLOCK_FRAME || length > BLOCK_MAX || length % 4 !== 0) {
      throw new Error(
        `it is damaged at byte ${at}: a block of ${length} bytes; choose another file`,
      );
    }
    if (length > left) return 0;
    const again = this.word(at + length - 4);
    if (again === length) return length;
    // A power cut may leave zeros from somewhere in the block on.
    if (again === 0 && this.#isZeroFrom(at + length - 4)) return 0;
    throw new Error(
      `it is damaged at byte ${at}: a block of ${length} bytes ends as one of ${again}; ` +
        "choose another file",
    );
  }

  #isZeroFrom(at: number): boolean {
    for (let from = at; from < this.size; from += WINDOW) {
      const length = Math.min(WINDOW, this.size - from);
      this.#fill(from, length);
      const start = from - this.#base;
      if (this.#bytes.subarray(start, start + length).some((byte) => byte !== 0)) return false;
    }
    return true;
  }

  /** Has so many bytes from a place on in the window. */
  #fill(at: number, length: number): void {
    if (at >= this.#base && at + length <= this.#base + this.#filled) return;
    this.#base = at;
    this.#filled = 0;
    while (this.#filled < length) {
      const count = this.#readAt(at + this.#filled, this.#bytes.subarray(this.#filled));
      if (count === 0) {
        throw new Error("it shrinks while it is read; is another program writing it?");
      }
      this.#filled += count;
    }
  }
}
