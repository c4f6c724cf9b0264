/** Capture files compressed with zstd (RFC 8878). */

import { messageOf } from "../../errors.ts";
import type { ByteSource } from "./byte_source.ts";
import { PackedDamage } from "./packed.ts";
import { Unpacker } from "./unpacker.ts";
import { BLOCK_MAX, ZstdFrames } from "./zstd_frames.ts";

/**
 * Decompresses a block at a time as it is read. This bounds memory, returns all blocks before a
 * damaged one, and continues after the first frame, where node:zlib would end.
 */
export class UnzstdSource implements ByteSource {
  readonly isUnpacked = true;
  readonly mayWait = false;
  readonly #source: ByteSource;
  readonly #unpacker: Unpacker;
  readonly #frames = new ZstdFrames();
  /** Compressed bytes, from `#at` to `#filled`: a block and the bytes read after it. */
  readonly #packed = new Uint8Array(2 * BLOCK_MAX);
  #at = 0;
  #filled = 0;
  /** Error to report after all decompressed bytes were taken. */
  #failure: unknown;
  #ended = false;

  private constructor(source: ByteSource, unpacker: Unpacker) {
    this.#source = source;
    this.#unpacker = unpacker;
  }

  /** Creates it over compressed bytes, which are closed with it. */
  static async over(source: ByteSource): Promise<UnzstdSource> {
    // The module is loaded on use to save memory.
    const { createZstdDecompress } = await import("node:zlib");
    return new UnzstdSource(source, new Unpacker(createZstdDecompress()));
  }

  /** Compressed bytes that were read. */
  get bytesRead(): number | undefined {
    return this.#source.bytesRead;
  }

  /**
   * Reads decompressed bytes; waits only if there are none.
   *
   * @throws {PackedDamage} If nothing more can be decompressed.
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

  /** Closes the compressed bytes' source. */
  close(): void {
    this.#ended = true;
    this.#source.close();
    this.#unpacker.close();
  }

  /** Whether a part can be processed before more of the file comes. */
  get #isThere(): boolean {
    try {
      const there = this.#filled - this.#at;
      return this.#frames.lengthOf(this.#packed, this.#at, this.#filled) <= there;
    } catch {
      return true;
    }
  }

  /** Decompresses or skips one part of a frame, or reads more of the file. */
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
    // The available part of an uncompressed block is valid.
    if (!this.#frames.mayEnd) await this.#unpack(0, this.#filled);
    throw new PackedDamage("zstd", "the file ends within a frame");
  }

  async #unpack(start: number, end: number): Promise<void> {
    try {
      // A copy: the stream works on it while `#packed` is overwritten.
      const part = this.#packed.slice(start, end);
      await this.#unpacker.write(part, part.length);
    } catch (error) {
      throw new PackedDamage("zstd", reasonOf(error), { cause: error });
    }
  }
}

/** Returns zstd's own reason, without the text before it. */
function reasonOf(error: unknown): string {
  return messageOf(error)
    .replace(/^Zstd decompress error: /, "");
}
