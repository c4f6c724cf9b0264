/** Drives a decompression stream of node:zlib and buffers its output. */

import type { Gunzip, ZstdDecompress } from "node:zlib";

/** A stream of node:zlib and its unread output. */
export class Unpacker {
  readonly #stream: Gunzip | ZstdDecompress;
  #chunks: Uint8Array[] = [];
  /** Bytes taken of the first chunk. */
  #taken = 0;
  /** Resolved when the stream has made progress. */
  #waiting = Promise.withResolvers<void>();

  /** Creates it over a stream, which is closed with it. */
  constructor(stream: Gunzip | ZstdDecompress) {
    this.#stream = stream;
    stream.on("data", (chunk: Uint8Array) => this.#chunks.push(chunk));
    // After an error, a stream no longer calls back.
    stream.on("error", (error) => this.#waiting.reject(error));
    // Nor after its end, which padding may follow.
    stream.on("end", () => this.#waiting.resolve());
    this.#waiting.resolve();
  }

  /** Decompresses bytes, `step` at a time, until all are done or one is damaged. */
  async write(bytes: Uint8Array, step: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += step) {
      if (this.#stream.readableEnded) return;
      const { promise, resolve } = this.#waiting = Promise.withResolvers();
      this.#stream.write(bytes.subarray(at, at + step), () => resolve());
      await promise;
      // `errored` is set before the event is emitted.
      const { errored } = this.#stream;
      if (errored !== null) throw errored;
    }
  }

  /** Ends the input; throws if data is missing. */
  async end(): Promise<void> {
    if (this.#stream.readableEnded) return;
    const { promise } = this.#waiting = Promise.withResolvers();
    this.#stream.end();
    await promise;
  }

  /** Takes as many bytes as there are and fit; returns their number. */
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

  /** Discards the buffered output. */
  forget(): void {
    this.#chunks = [];
  }

  /** Closes the stream. */
  close(): void {
    this.#stream.destroy();
  }
}
