/** Reads the block frames of a pcapng file (draft-ietf-opsawg-pcapng). */

import { BLOCK_FRAME } from "./block.ts";
import type { ReadAt } from "./pcap.ts";

/** Bytes to read at a time. */
const WINDOW = 1024 * 1024;
/** The largest block in bytes, as in Wireshark. */
const BLOCK_MAX = 16 * 1024 * 1024;

/** Reads a file's blocks forward, through one window. */
export class BlockFile {
  /** The file's size in bytes. */
  readonly size: number;
  readonly #readAt: ReadAt;
  readonly #bytes = new Uint8Array(WINDOW);
  readonly #view = new DataView(this.#bytes.buffer);
  #base = 0;
  #filled = 0;

  /** Opens a file for reading. */
  constructor(readAt: ReadAt, size: number) {
    this.#readAt = readAt;
    this.size = size;
  }

  /** Reads the 32-bit word at an offset; returns 0 after the end of the file. */
  word(at: number): number {
    if (at + 4 > this.size) return 0;
    this.#fill(at, 4);
    return this.#view.getUint32(at - this.#base, true);
  }

  /** Copies bytes at an offset; at most as many as the window holds. */
  bytes(at: number, length: number): Uint8Array {
    this.#fill(at, length);
    return this.#bytes.slice(at - this.#base, at - this.#base + length);
  }

  /** Returns whether the whole file is a prefix of these bytes. */
  startsWith(whole: Uint8Array): boolean {
    this.#fill(0, this.size);
    for (let i = 0; i < this.size; i++) if (this.#bytes[i] !== whole[i]) return false;
    return true;
  }

  /**
   * Returns the length of the block at an offset.
   *
   * @returns Bytes, or 0 if the file ends there, or its end is torn.
   * @throws {Error} If it is damaged otherwise.
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
    // After a power cut, a block may be zeros from some point on.
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

  /** Reads bytes at an offset into the window. */
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
