/** Capture files compressed with gzip (RFC 1952). */

import type { ByteSource } from "./byte_source.ts";
import { PackedDamage } from "./packed.ts";
import { Unpacker } from "./unpacker.ts";

/**
 * Compressed bytes to decompress at a time. This bounds memory: deflate expands a byte to at most
 * 1032.
 */
const PIECE = 4096;
/** Compressed bytes to read at a time. */
const PACKED = 16 * PIECE;

/**
 * Decompresses as it is read. zlib withholds the output of a piece in which it then finds damage.
 * So one stream runs ahead only to find damage; a second one gets the damaged piece byte by byte.
 */
export class GunzipSource implements ByteSource {
  readonly isUnpacked = true;
  readonly mayWait = false;
  readonly #source: ByteSource;
  readonly #ahead: Unpacker;
  readonly #unpacker: Unpacker;
  /** Compressed bytes that were read; those from `#at` to `#filled` are not decompressed yet. */
  readonly #packed = new Uint8Array(PACKED);
  #at = 0;
  #filled = 0;
  #damage: unknown;
  #ended = false;

  private constructor(source: ByteSource, ahead: Unpacker, unpacker: Unpacker) {
    this.#source = source;
    this.#ahead = ahead;
    this.#unpacker = unpacker;
  }

  /** Creates it over compressed bytes, which are closed with it. */
  static async over(source: ByteSource): Promise<GunzipSource> {
    // DecompressionStream refuses concatenated gzip members. The module is loaded on use to save
    // memory.
    const { createGunzip } = await import("node:zlib");
    return new GunzipSource(source, new Unpacker(createGunzip()), new Unpacker(createGunzip()));
  }

  /**
   * Reads decompressed bytes; waits only if there are none.
   *
   * @throws {PackedDamage} If nothing more can be decompressed.
   */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (let length = 0;;) {
      length += this.#unpacker.take(buffer.subarray(length));
      const isOver = this.#ended || this.#damage !== undefined || this.#at === this.#filled;
      if (length === buffer.length || length > 0 && isOver) return length;
      if (this.#damage !== undefined) throw damageOf(this.#damage);
      if (this.#ended) return null;
      await this.#unpack();
    }
  }

  /** Compressed bytes that were read. */
  get bytesRead(): number | undefined {
    return this.#source.bytesRead;
  }

  /** Closes the compressed bytes' source. */
  close(): void {
    this.#ended = true;
    this.#source.close();
    this.#ahead.close();
    this.#unpacker.close();
  }

  /** Decompresses one piece. */
  async #unpack(): Promise<void> {
    if (this.#at === this.#filled && !await this.#readMore()) return;
    const piece = this.#packed.slice(this.#at, Math.min(this.#at + PIECE, this.#filled));
    this.#at += piece.length;
    try {
      await this.#unpacker.write(piece, await this.#isSound(piece) ? piece.length : 1);
    } catch (error) {
      this.#damage = error;
    }
  }

  /** Reads compressed bytes; returns false at the end. */
  async #readMore(): Promise<boolean> {
    const count = await this.#source.read(this.#packed);
    if (this.#ended) return false;
    this.#at = 0;
    this.#filled = count ?? 0;
    if (count !== null) return true;
    this.#ended = true;
    try {
      await this.#unpacker.end();
    } catch (error) {
      this.#damage = error;
    }
    return false;
  }

  async #isSound(piece: Uint8Array): Promise<boolean> {
    try {
      await this.#ahead.write(piece, piece.length);
      return true;
    } catch {
      return false;
    } finally {
      this.#ahead.forget();
    }
  }
}

/** Converts an error of node:zlib, which has zlib's own codes such as `Z_DATA_ERROR`. */
function damageOf(cause: unknown): unknown {
  const isOfZlib = cause instanceof Error && "code" in cause &&
    String(cause.code).startsWith("Z_");
  return isOfZlib ? new PackedDamage("gzip", cause.message, { cause }) : cause;
}
