/**
 * Capture files that zstd packed (RFC 8878).
 *
 * @module
 */

import type { ByteSource } from "./byte_source.ts";
import { PackedDamage } from "./packed.ts";
import { Unpacker } from "./unpacker.ts";
import { BLOCK_MAX, ZstdFrames } from "./zstd_frames.ts";

/**
 * Unpacks as it is read, a block at a time: that bounds memory, gives all blocks before
 * a damaged one, and begins each frame anew, where node:zlib would end with the first.
 */
export class UnzstdSource implements ByteSource {
  readonly isUnpacked = true;
  readonly mayWait = false;
  readonly #source: ByteSource;
  readonly #unpacker: Unpacker;
  readonly #frames = new ZstdFrames();
  /** Packed bytes, from `#at` to `#filled`: a block and what was read behind it. */
  readonly #packed = new Uint8Array(2 * BLOCK_MAX);
  #at = 0;
  #filled = 0;
  /** Ends reading once all that was unpacked is taken. */
  #failure: unknown;
  #ended = false;

  private constructor(source: ByteSource, unpacker: Unpacker) {
    this.#source = source;
    this.#unpacker = unpacker;
  }

  /** Makes it over packed bytes, which it closes with itself. */
  static async over(source: ByteSource): Promise<UnzstdSource> {
    // The module is loaded where it is used, for others need not have its memory.
    const { createZstdDecompress } = await import("node:zlib");
    return new UnzstdSource(source, new Unpacker(createZstdDecompress()));
  }

  /** Packed bytes that were read. */
  get bytesRead(): number | undefined {
    return this.#source.bytesRead;
  }

  /**
   * Reads what can be unpacked of what was read, and waits only where that is nothing.
   *
   * @throws {PackedDamage} If nothing more can be unpacked.
   */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (let length = 0;;) {
      length += this.#unpacker.take(buffer.subarray(length));
      const isOver = this.#ended || this.#failure !== undefined;
      if (length === buffer.length || length > 0 && (isOver || !this.#isThere)) return length;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return null;
      try {
        await this.#advance();
      } catch (error) {
        this.#failure = error;
      }
    }
  }

  /** Closes what the packed bytes come from. */
  close(): void {
    this.#ended = true;
    this.#source.close();
    this.#unpacker.close();
  }

  /** Whether something can be done before more of the file comes. */
  get #isThere(): boolean {
    try {
      const there = this.#filled - this.#at;
      return this.#frames.lengthOf(this.#packed, this.#at, this.#filled) <= there;
    } catch {
      return true;
    }
  }

  /** Unpacks or passes over one part of a frame, or reads more of the file. */
  async #advance(): Promise<void> {
    const there = this.#filled - this.#at;
    const length = this.#frames.lengthOf(this.#packed, this.#at, this.#filled);
    if (length > there) return await this.#readMore();
    const start = this.#at;
    this.#at += length;
    if (this.#frames.take(this.#packed, start, length)) await this.#unpack(start, this.#at);
  }

  async #readMore(): Promise<void> {
    this.#packed.copyWithin(0, this.#at, this.#filled);
    this.#filled -= this.#at;
    this.#at = 0;
    const count = await this.#source.read(this.#packed.subarray(this.#filled));
    if (this.#ended) return;
    if (count !== null) {
      this.#filled += count;
      return;
    }
    if (this.#frames.mayEnd && this.#filled === 0) {
      this.#ended = true;
      return;
    }
    // Of a block that is not compressed, the part that is there can be had.
    if (!this.#frames.mayEnd) await this.#unpack(0, this.#filled);
    throw new PackedDamage("zstd", "the file ends within a frame");
  }

  async #unpack(start: number, end: number): Promise<void> {
    try {
      // A copy, which nothing overwrites while it is worked on.
      const part = this.#packed.slice(start, end);
      await this.#unpacker.write(part, part.length);
    } catch (error) {
      throw new PackedDamage("zstd", reasonOf(error), { cause: error });
    }
  }
}

/** What zstd says, without what stands before it. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error))
    .replace(/^Zstd decompress error: /, "");
}
