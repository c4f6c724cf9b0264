/**
 * Capture files that gzip packed (RFC 1952).
 *
 * @module
 */

import type { Gunzip } from "node:zlib";
import type { ByteSource } from "./byte_source.ts";

/**
 * How many packed bytes are unpacked at a time, which is what bounds memory:
 * deflate makes at most 1032 bytes of one.
 */
const PIECE = 4096;

/** What was packed is damaged; all before the damage was given. */
export class GzipDamage extends Error {
  override readonly name = "GzipDamage";
}

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
  readonly #piece = new Uint8Array(PIECE);
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
   * Reads what was unpacked.
   *
   * @throws {GzipDamage} If nothing more can be unpacked.
   */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      const count = this.#unpacker.take(buffer);
      if (count > 0) return count;
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
    const count = await this.#source.read(this.#piece);
    if (this.#ended) return;
    try {
      if (count === null) {
        this.#ended = true;
        await this.#unpacker.end();
        return;
      }
      const piece = this.#piece.slice(0, count);
      await this.#unpacker.write(piece, await this.#isSound(piece) ? count : 1);
    } catch (error) {
      this.#damage = error;
    }
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

/** zlib, and what it has unpacked. */
class Unpacker {
  readonly #gunzip: Gunzip;
  #chunks: Uint8Array[] = [];
  /** How much of the first chunk was taken. */
  #taken = 0;
  /** Who waits until it has done something. */
  #waiting = Promise.withResolvers<void>();

  constructor(gunzip: Gunzip) {
    this.#gunzip = gunzip;
    gunzip.on("data", (chunk: Uint8Array) => this.#chunks.push(chunk));
    // Of a stream with an error, nobody is called back.
    gunzip.on("error", (error) => this.#waiting.reject(error));
    this.#waiting.resolve();
  }

  /** Unpacks bytes, some at a time, until all of them are, or one is damaged. */
  async write(bytes: Uint8Array, step: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += step) {
      const { promise, resolve } = this.#waiting = Promise.withResolvers();
      this.#gunzip.write(bytes.subarray(at, at + step), () => resolve());
      await promise;
      // This is known before it is told.
      const { errored } = this.#gunzip;
      if (errored !== null) throw errored;
    }
  }

  /** Nothing more will come; something may be missing. */
  async end(): Promise<void> {
    const { promise, resolve } = this.#waiting = Promise.withResolvers();
    this.#gunzip.once("end", resolve).end();
    await promise;
  }

  /** Takes as much as there is and as fits; how many bytes. */
  take(buffer: Uint8Array): number {
    let length = 0;
    let taken = 0;
    while (taken < this.#chunks.length && length < buffer.length) {
      const chunk = this.#chunks[taken]!;
      const part = chunk.subarray(this.#taken, this.#taken + buffer.length - length);
      buffer.set(part, length);
      length += part.length;
      this.#taken += part.length;
      if (this.#taken < chunk.length) break;
      this.#taken = 0;
      taken++;
    }
    this.#chunks.splice(0, taken);
    return length;
  }

  /** Drops what it has unpacked. */
  forget(): void {
    this.#chunks = [];
  }

  close(): void {
    this.#gunzip.destroy();
  }
}

/** Errors of node:zlib have zlib's own codes, as `Z_DATA_ERROR`. */
function damageOf(cause: unknown): unknown {
  const isOfZlib = cause instanceof Error && "code" in cause &&
    String(cause.code).startsWith("Z_");
  if (!isOfZlib) return cause;
  return new GzipDamage(`gzip's data ends in error (${cause.message})`, { cause });
}
