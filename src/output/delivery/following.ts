/** Batches behind one that is loaded, which a receiver may load together with it. */

import type { Batch } from "../../buffer/segment_batch.ts";
import type { SegmentReader } from "../../buffer/segment_reader.ts";

/** Batches that are loaded together: the first one, and those that are taken to it. */
export class Following {
  readonly #reader: SegmentReader;
  readonly #first: Batch;
  #last: Batch | undefined;
  readonly #mostRecords: number;
  /** Position behind the batches that are loaded; that before the first one where none is. */
  to: number;
  /** Their records. */
  records: number;
  /** Their bytes. */
  bytes: number;

  /** Begins with a batch; all together have no more records than it may have. */
  constructor(reader: SegmentReader, first: Batch, mostRecords: number) {
    this.#reader = reader;
    this.#first = first;
    this.#mostRecords = mostRecords;
    this.to = first.to;
    this.records = first.records;
    this.bytes = bytesOf(first);
  }

  /**
   * Reads the next batch, which takes the place of the last one in memory.
   *
   * @returns It; undefined where none is ready, or its records would be too many.
   */
  read(): Batch | undefined {
    const most = this.#mostRecords - this.records;
    if (most <= 0) return undefined;
    const batch = this.#reader.following(this, most);
    this.#last = batch ?? this.#last;
    return batch;
  }

  /** Whether {@linkcode read} would return a batch. */
  get isReady(): boolean {
    return this.records < this.#mostRecords && this.#reader.hasFollowing(this);
  }

  /** Position behind the batch that was read last; undefined where the first one is still in memory. */
  get readTo(): number | undefined {
    return this.#last?.to;
  }

  /** Takes the batch that was read last to those that are loaded. */
  take(): void {
    const batch = this.#last!;
    this.to = batch.to;
    this.records += batch.records;
    this.bytes += bytesOf(batch);
  }

  /** Takes none, not even the first one: all come again. */
  takeNone(): void {
    this.to = this.#first.from;
    this.records = 0;
    this.bytes = 0;
  }
}

function bytesOf({ frames }: Batch): number {
  return frames.reduce((sum, { length }) => sum + length, 0);
}
