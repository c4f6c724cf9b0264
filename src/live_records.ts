/** Records of a source in a program: reads and decodes in this process. */

import { Memory } from "./bytes/memory.ts";
import type { Decoder } from "./record/decoder.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED, type Reader, type SourceStats } from "./source/source.ts";

/**
 * Longest time of delivering records without a macrotask, in milliseconds: resolved promises alone
 * do not let timers, signals and sockets run.
 */
const TURN_MS = 10;
/**
 * Delay after a wake-up, in milliseconds, as interrupt moderation of network cards: one wake-up
 * then serves hundreds of records.
 */
const GATHER_MS = 1;

/** Parts of {@linkcode LiveRecords} that depend on the kind of record. */
export interface LiveParts<Item> {
  /** Open reader. */
  reader: Reader;
  /** Decoder of its datagrams. */
  decoder: Pick<Decoder<never>, "begin" | "received" | "lost" | "malformed">;
  /** Returns the next record of the datagram; undefined at its end. */
  next(): Item | undefined;
  /** Closes everything when aborted. */
  signal: AbortSignal | undefined;
}

/**
 * Records of a source, for a `for await` loop. Leaving the loop, an abort, or the end of an `await
 * using` block closes the source.
 */
export class LiveRecords<Item> implements AsyncIterableIterator<Item, undefined>, AsyncDisposable {
  readonly #parts: LiveParts<Item>;
  readonly #reader: Reader;
  readonly #datagram = new Uint8Array(DATAGRAM_MAX);
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();
  #dropped = 0;
  #turnStartMs = 0;
  #turnIsOver = false;
  #waiting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Called by the functions that open sources. */
  constructor(parts: LiveParts<Item>) {
    const { reader, signal } = parts;
    this.#parts = parts;
    this.#reader = reader;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Counters so far. */
  get stats(): SourceStats {
    const { received, lost, malformed } = this.#parts.decoder;
    // A closed reader cannot ask the kernel any more.
    if (this.#closing === undefined) this.#dropped = this.#reader.lostRecords ?? 0;
    return { received, lost: lost + this.#dropped, malformed, foreign: this.#reader.foreign };
  }

  /**
   * Returns the next record.
   *
   * @returns Record, or the end once the source is closed.
   * @throws {unknown} The signal's reason, once it is aborted.
   * @throws {NetlinkError} If the socket fails.
   */
  next(): Promise<IteratorResult<Item, undefined>> {
    try {
      const record = this.#take();
      if (record !== undefined) return Promise.resolve({ value: record, done: false });
    } catch (error) {
      return this.#fail(error);
    }
    return this.#nextAfterWait().catch((error) => this.#fail(error));
  }

  /** Closes the source; called when a loop is left. */
  async return(): Promise<IteratorResult<Item, undefined>> {
    await this.close();
    return { value: undefined, done: true };
  }

  /** Closes the source, and ends a loop. */
  close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    if (this.#closing === undefined) this.#dropped = this.#reader.lostRecords ?? 0;
    return this.#closing ??= this.#reader.close();
  }

  /** Returns the iterator itself: each record comes once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Closes the source. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Returns the next record that needs no waiting, unless other tasks must run first. */
  #take(): Item | undefined {
    while (this.#closing === undefined) {
      const record = this.#parts.next();
      if (record !== undefined) return record;
      this.#turnIsOver = performance.now() - this.#turnStartMs > TURN_MS;
      if (this.#turnIsOver) return undefined;
      const length = this.#reader.receive(this.#datagram);
      if (length === NOTHING_QUEUED) return undefined;
      const { seconds, nanoseconds } = this.#reader.clock;
      // Each datagram has its own memory of just its size, because records may be kept.
      const memory = new Memory(this.#datagram.buffer.slice(0, (length + 3) & ~3));
      this.#parts.decoder.begin(memory, 0, length, seconds, nanoseconds);
    }
    return undefined;
  }

  async #nextAfterWait(): Promise<IteratorResult<Item, undefined>> {
    for (;;) {
      if (this.#closing === undefined) await (this.#waiting ??= this.#wait());
      const record = this.#take();
      if (record !== undefined) return { value: record, done: false };
      if (this.#closing === undefined) continue;
      await this.#closing;
      this.#signal?.throwIfAborted();
      return { value: undefined, done: true };
    }
  }

  async #fail(error: unknown): Promise<never> {
    await this.close();
    throw error;
  }

  async #wait(): Promise<void> {
    try {
      if (this.#turnIsOver) {
        await new Promise((resolve) => setImmediate(resolve));
      } else {
        await this.#reader.wait();
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      }
    } finally {
      this.#turnStartMs = performance.now();
      this.#waiting = undefined;
    }
  }
}
