/**
 * What unpacks, and what it has made.
 *
 * @module
 */

import type { Gunzip, ZstdDecompress } from "node:zlib";

/** A stream of node:zlib, and what it has unpacked. */
export class Unpacker {
  readonly #stream: Gunzip | ZstdDecompress;
  #chunks: Uint8Array[] = [];
  /** How much of the first chunk was taken. */
  #taken = 0;
  /** Who waits until it has done something. */
  #waiting = Promise.withResolvers<void>();

  /** Makes it over a stream, which it closes with itself. */
  constructor(stream: Gunzip | ZstdDecompress) {
    this.#stream = stream;
    stream.on("data", (chunk: Uint8Array) => this.#chunks.push(chunk));
    // Of a stream with an error, nobody is called back.
    stream.on("error", (error) => this.#waiting.reject(error));
    this.#waiting.resolve();
  }

  /** Unpacks bytes, some at a time, until all of them are, or one is damaged. */
  async write(bytes: Uint8Array, step: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += step) {
      const { promise, resolve } = this.#waiting = Promise.withResolvers();
      this.#stream.write(bytes.subarray(at, at + step), () => resolve());
      await promise;
      // This is known before it is told.
      const { errored } = this.#stream;
      if (errored !== null) throw errored;
    }
  }

  /** Nothing more will come; something may be missing. */
  async end(): Promise<void> {
    const { promise, resolve } = this.#waiting = Promise.withResolvers();
    this.#stream.once("end", resolve).end();
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

  /** Gives up what it has. */
  close(): void {
    this.#stream.destroy();
  }
}
