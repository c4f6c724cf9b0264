/**
 * The privileged end of an output in the daemon: encoded records in, a writer out.
 *
 * @module
 */

import { type Loss, noStats, type OutputStats, statsOf, type Writer } from "../output/output.ts";

/** Bytes that are collected where not every batch is written at once. */
const COLLECT = 512 * 1024;

/** What the records of one area are, for counting. */
export interface Batch {
  /** Packets in it. */
  packets: number;
  /** Lines of the script's own in it. */
  emitted: number;
}

/** Writes records and counts them. */
export class Outlet {
  /** The output's name. */
  readonly name: string;
  readonly #stats: OutputStats = noStats();
  readonly #writer: Writer;
  readonly #sync: boolean;
  readonly #collected: Uint8Array;
  #length = 0;
  #packets = 0;
  #emitted = 0;

  /** Joins a writer and its counters; without `sync` records are collected first. */
  constructor(name: string, writer: Writer, sync: boolean) {
    this.name = name;
    this.#writer = writer;
    this.#sync = sync;
    this.#collected = new Uint8Array(sync ? 0 : COLLECT);
  }

  /** What has been counted so far. */
  get stats(): OutputStats {
    return statsOf(this.#stats, this.#writer);
  }

  /** Further figures of the writer's, by name. */
  get figures(): Record<string, number> {
    return this.#writer.figures?.() ?? {};
  }

  /** Counts packets that came to nothing before they were a record, each: how many more. */
  count({ unfit, filtered }: { unfit: number; filtered: number }): void {
    this.#stats.failed += unfit;
    this.#stats.filtered += filtered;
  }

  /**
   * Notes that packets were lost before those that come next.
   *
   * @throws {OutputError} If it could not be written.
   */
  async lost(loss: Loss): Promise<void> {
    if (this.#writer.lost === undefined) return;
    await this.flush();
    await this.#writer.lost(loss);
  }

  /** The end is near: nothing may be waited for without end any more. */
  hurry(): void {
    this.#writer.hurry?.();
  }

  /**
   * Takes whole records. Returns a promise only where writing takes waiting; the
   * bytes must stay until then.
   *
   * @throws {OutputError} If they could not be written; their packets are counted as failed.
   */
  take(bytes: Uint8Array, { packets, emitted }: Batch): void | Promise<void> {
    if (this.#sync) return this.#write(bytes, packets, emitted);
    if (this.#length + bytes.length > COLLECT) {
      const flushed = this.flush();
      if (flushed !== undefined) return flushed.then(() => this.#collect(bytes, packets, emitted));
    }
    this.#collect(bytes, packets, emitted);
  }

  /** Writes what was collected. */
  flush(): void | Promise<void> {
    if (this.#length === 0) return;
    const bytes = this.#collected.subarray(0, this.#length);
    const [packets, emitted] = [this.#packets, this.#emitted];
    this.#length = this.#packets = this.#emitted = 0;
    return this.#write(bytes, packets, emitted);
  }

  /** Writes what was collected and closes the writer. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#writer.close();
    }
  }

  #collect(bytes: Uint8Array, packets: number, emitted: number): void {
    this.#collected.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#packets += packets;
    this.#emitted += emitted;
  }

  #write(bytes: Uint8Array, packets: number, emitted: number): void | Promise<void> {
    const written = () => {
      this.#stats.written += packets;
      this.#stats.emitted += emitted;
      this.#stats.bytes += bytes.length;
    };
    const failed = (error: unknown): never => {
      this.#stats.failed += packets;
      throw error;
    };
    let writing;
    try {
      writing = this.#writer.write(bytes, packets);
    } catch (error) {
      failed(error);
    }
    if (writing === undefined) return written();
    return writing.then(written, failed);
  }
}
