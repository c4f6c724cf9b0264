/**
 * Capture files that gzip packed (RFC 1952).
 *
 * @module
 */

import type { ByteSource } from "./byte_source.ts";
import { PackedDamage } from "./packed.ts";
import { Unpacker } from "./unpacker.ts";

/**
 * How many packed bytes are unpacked at a time, which is what bounds memory:
 * deflate makes at most 1032 bytes of one.
 */
const PIECE = 4096;
/** How many packed bytes are read at a time. */
const PACKED = 16 * PIECE;

/**
 * Unpacks as it is read. zlib keeps back what it made of a piece in which it then
 * finds damage. So one unpacker goes ahead and only looks for damage; where it
 * finds some, the other one gets that piece byte by byte.
 */
export class GunzipSource implements ByteSource {
  readonly isUnpacked = true;
  readonly mayWait = false;
  readonly #source: ByteSource;
  readonly #ahead: Unpacker;
  readonly #unpacker: Unpacker;
  /** Packed bytes that were read; those from `#at` to `#filled` are still to be unpacked. */
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

  /** Makes it over packed bytes, which it closes with itself. */
  static async over(source: ByteSource): Promise<GunzipSource> {
    // DecompressionStream refuses several files one behind the other. The module
    // is loaded where it is used, for others need not have its memory.
    const { createGunzip } = await import("node:zlib");
    return new GunzipSource(source, new Unpacker(createGunzip()), new Unpacker(createGunzip()));
  }

  /**
   * Reads what can be unpacked of what was read, and waits only where that is nothing.
   *
   * @throws {PackedDamage} If nothing more can be unpacked.
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

  /** Packed bytes that were read. */
  get bytesRead(): number | undefined {
    return this.#source.bytesRead;
  }

  /** Closes what the packed bytes come from. */
  close(): void {
    this.#ended = true;
    this.#source.close();
    this.#ahead.close();
    this.#unpacker.close();
  }

  /** Unpacks one piece. */
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

  /** Reads packed bytes; false where none come any more. */
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

/** Errors of node:zlib have zlib's own codes, as `Z_DATA_ERROR`. */
function damageOf(cause: unknown): unknown {
  const isOfZlib = cause instanceof Error && "code" in cause &&
    String(cause.code).startsWith("Z_");
  return isOfZlib ? new PackedDamage("gzip", cause.message, { cause }) : cause;
}
