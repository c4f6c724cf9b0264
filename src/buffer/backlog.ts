/**
 * Records that an output cannot take yet: in memory first, then on disk, where
 * there is a place for them.
 *
 * @module
 */

import type { Loss } from "../record/loss.ts";
import type { DiskQueue } from "./disk_queue.ts";
import { type Batch, MemoryQueue, type Waiting } from "./memory_queue.ts";

/** A first-in, first-out queue in memory and on disk. */
export class Backlog {
  readonly #memory: MemoryQueue;
  readonly #disk: DiskQueue | undefined;

  /**
   * Makes it.
   *
   * @param size How much may wait in memory, in bytes.
   * @param disk Takes what is more, and what a former run has left.
   */
  constructor(size: number, disk: DiskQueue | undefined) {
    this.#memory = new MemoryQueue(size);
    this.#disk = disk;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#memory.isEmpty && this.#disk?.isEmpty !== false;
  }

  /** Whether there is enough to be worth writing. */
  get isWorthIt(): boolean {
    return this.#memory.hasWholePiece || this.#disk?.isEmpty === false;
  }

  /** Packets of this run that wait. */
  get packets(): number {
    return this.#memory.packets + (this.#disk?.packets ?? 0);
  }

  /**
   * Puts records at the end.
   *
   * @returns Whether there was room.
   * @throws {OutputError} If the disk takes nothing more.
   */
  push(bytes: Uint8Array, batch: Batch): boolean {
    // What comes behind something on disk goes there, too: the order is kept.
    const toMemory = this.#disk?.isEmpty !== false;
    if (toMemory && this.#memory.push(bytes, batch)) return true;
    return this.#disk?.push(bytes, batch) ?? false;
  }

  /**
   * Notes that packets were lost before what comes next.
   *
   * @throws {OutputError} If the disk takes nothing more.
   */
  pushLoss(loss: Loss): void {
    if (this.#disk?.isEmpty === false) this.#disk.pushLoss(loss);
    else this.#memory.pushLoss(loss);
  }

  /**
   * What has waited longest; it stays as it is until {@linkcode shift}.
   *
   * @throws {OutputError} If it cannot be read from disk.
   */
  get first(): (Waiting & { isOld: boolean }) | undefined {
    if (!this.#memory.isEmpty) return { ...this.#memory.first!, isOld: false };
    const first = this.#disk?.first;
    return first && { ...first, isOld: this.#disk!.isFirstOld };
  }

  /** Takes out what has waited longest. */
  shift(): void {
    if (this.#memory.isEmpty) this.#disk!.shift();
    else this.#memory.shift();
  }

  /** Moves what waits in memory to disk, for the next run; what finds no room stays. */
  keep(): void {
    if (this.#disk === undefined) return;
    // Behind what is there already: between two runs order is kept only within each part.
    for (let first = this.#memory.first; first !== undefined; first = this.#memory.first) {
      if (first.loss !== undefined) this.#disk.pushLoss(first.loss);
      else if (!this.#disk.push(first.bytes, first)) return;
      this.#memory.shift();
    }
  }

  /** Lets go what waits in memory; how many packets. */
  letGo(): number {
    const { packets } = this.#memory;
    while (!this.#memory.isEmpty) this.#memory.shift();
    return packets;
  }

  /** Closes what is open; what waits on disk stays there. */
  [Symbol.dispose](): void {
    this.#disk?.[Symbol.dispose]();
  }
}
