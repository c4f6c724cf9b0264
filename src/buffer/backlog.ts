/**
 * Queue of records that an output cannot take yet: in memory first, then on disk, if there is a
 * spool.
 */

import type { Loss } from "../record/loss.ts";
import type { DiskQueue } from "./disk_queue.ts";
import { type Batch, MemoryQueue, PIECE_SIZE, type Waiting } from "./memory_queue.ts";

/** First-in, first-out queue in memory and on disk. */
export class Backlog {
  readonly #memory: MemoryQueue;
  readonly #disk: DiskQueue | undefined;
  readonly #isDiskFirst: boolean;

  /**
   * Creates a queue.
   *
   * @param size Limit of the part in memory, in bytes.
   * @param disk Part on disk, which also holds records of former runs.
   * @param isDiskFirst Whether all records go to disk, so that they outlive the process.
   */
  constructor(size: number, disk: DiskQueue | undefined, isDiskFirst = false) {
    this.#memory = new MemoryQueue(size);
    this.#disk = disk;
    this.#isDiskFirst = isDiskFirst && disk !== undefined;
  }

  /** Whether the queue is empty. */
  get isEmpty(): boolean {
    return this.#memory.isEmpty && this.#disk?.isEmpty !== false;
  }

  /** Whether there are enough records for an efficient write. */
  get isWorthIt(): boolean {
    if (this.#isDiskFirst) return this.#disk!.bytes > PIECE_SIZE;
    return this.#memory.hasWholePiece || this.#disk?.isEmpty === false;
  }

  /** Place behind the last element in memory, to compare {@linkcode passed} with. */
  get end(): number {
    return this.#memory.end;
  }

  /** Place of the first element in memory: those before it were written, or are on disk. */
  get passed(): number {
    return this.#memory.passed;
  }

  /** Queued packets of this run. */
  get packets(): number {
    return this.#memory.packets + (this.#disk?.packets ?? 0);
  }

  /**
   * Appends records.
   *
   * @returns Whether there was room.
   * @throws {OutputError} If the disk cannot be written.
   */
  push(bytes: Uint8Array, batch: Batch): boolean {
    // Records after others on disk go to disk, too: the order is kept.
    const toMemory = !this.#isDiskFirst && this.#disk?.isEmpty !== false;
    if (toMemory && this.#memory.push(bytes, batch)) return true;
    return this.#disk?.push(bytes, batch) ?? false;
  }

  /**
   * Appends a note that packets were lost before the next records.
   *
   * @throws {OutputError} If the disk cannot be written.
   */
  pushLoss(loss: Loss): void {
    if (this.#isDiskFirst || this.#disk?.isEmpty === false) this.#disk!.pushLoss(loss);
    else this.#memory.pushLoss(loss);
  }

  /**
   * Oldest element; unchanged until {@linkcode shift}.
   *
   * @throws {OutputError} If it cannot be read from disk.
   */
  get first(): Waiting | undefined {
    return this.#memory.first ?? this.#disk?.first;
  }

  /** Removes the oldest element. */
  shift(): void {
    if (this.#memory.isEmpty) this.#disk!.shift();
    else this.#memory.shift();
  }

  /** Moves elements from memory to disk, for the next run; those without room stay. */
  keep(): void {
    if (this.#disk === undefined) return;
    // After the elements on disk: between two runs, order is kept only within each part.
    for (let first = this.#memory.first; first !== undefined; first = this.#memory.first) {
      if (first.loss !== undefined) this.#disk.pushLoss(first.loss);
      else if (!this.#disk.push(first.bytes, first)) return;
      this.#memory.shift();
    }
  }

  /** Discards the elements in memory; returns the number of packets. */
  letGo(): number {
    const { packets } = this.#memory;
    while (!this.#memory.isEmpty) this.#memory.shift();
    return packets;
  }

  /** Closes the files; elements on disk stay there. */
  [Symbol.dispose](): void {
    this.#disk?.[Symbol.dispose]();
  }
}
