/**
 * Records that wait in memory, in pieces that are used again.
 *
 * @module
 */

import type { Loss } from "../record/loss.ts";

/** Bytes of a piece; any batch of records fits. */
export const PIECE_SIZE: number = 512 * 1024;

/** What some records are, for counting. */
export interface Batch {
  /** Packets in it. */
  packets: number;
  /** Lines of the script's own in it. */
  emitted: number;
}

/** Records that wait, or the note that packets were lost before what follows. */
export interface Waiting extends Batch {
  /** Whole records. */
  bytes: Uint8Array;
  /** What was lost; there are no records then. */
  loss?: Loss;
}

interface Piece extends Batch {
  memory: Uint8Array;
  length: number;
  loss?: Loss;
}

/**
 * A first-in, first-out queue of copies, bounded in bytes.
 *
 * @example Two batches that become one
 * ```ts
 * import { MemoryQueue } from "./memory_queue.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new MemoryQueue(1024 * 1024);
 * queue.push(new Uint8Array([1, 2]), { packets: 1, emitted: 0 });
 * queue.push(new Uint8Array([3]), { packets: 1, emitted: 0 });
 * assertEquals(queue.first?.bytes, new Uint8Array([1, 2, 3]));
 * assertEquals(queue.packets, 2);
 * ```
 */
export class MemoryQueue {
  /** Packets that wait. */
  packets = 0;
  readonly #most: number;
  readonly #pieces: Piece[] = [];
  /** Memory of pieces that were taken out. */
  readonly #spare: Uint8Array[] = [];
  /** Whether somebody has the first piece: it then stays as it is. */
  #isTaken = false;

  /**
   * Makes a queue.
   *
   * @param size How much may wait, in bytes; at least one batch fits.
   */
  constructor(size: number) {
    this.#most = Math.max(1, Math.floor(size / PIECE_SIZE));
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Whether there are records enough to be worth writing. */
  get hasWholePiece(): boolean {
    return this.#pieces.length > 1;
  }

  /**
   * Copies records to the end.
   *
   * @param bytes Whole records, no more than a piece.
   * @param batch What they are.
   * @returns Whether there was room.
   */
  push(bytes: Uint8Array, { packets, emitted }: Batch): boolean {
    const piece = this.#lastWithRoom(bytes.length) ?? this.#begin();
    if (piece === undefined) return false;
    piece.memory.set(bytes, piece.length);
    piece.length += bytes.length;
    piece.packets += packets;
    piece.emitted += emitted;
    this.packets += packets;
    return true;
  }

  /** Notes that packets were lost before what comes next. */
  pushLoss(loss: Loss): void {
    const last = this.#pieces.at(-1);
    const isOpen = !this.#isTaken || this.#pieces.length > 1;
    if (isOpen && last?.loss?.source === loss.source) last.loss.packets += loss.packets;
    else {this.#pieces.push({
        memory: NO_MEMORY,
        length: 0,
        packets: 0,
        emitted: 0,
        loss: { ...loss },
      });}
  }

  /** What has waited longest; it stays as it is until {@linkcode shift}. */
  get first(): Waiting | undefined {
    const piece = this.#pieces[0];
    if (piece === undefined) return undefined;
    this.#isTaken = true;
    const { memory, length, packets, emitted, loss } = piece;
    return { bytes: memory.subarray(0, length), packets, emitted, ...loss && { loss } };
  }

  /** Takes out what has waited longest. */
  shift(): void {
    const piece = this.#pieces.shift()!;
    this.#isTaken = false;
    this.packets -= piece.packets;
    // One is kept: an output that keeps up needs no more.
    if (piece.memory !== NO_MEMORY && this.#spare.length === 0) this.#spare.push(piece.memory);
  }

  #lastWithRoom(length: number): Piece | undefined {
    const last = this.#pieces.at(-1);
    if (last === undefined || last.loss !== undefined) return undefined;
    if (this.#isTaken && this.#pieces.length === 1) return undefined;
    return last.length + length <= PIECE_SIZE ? last : undefined;
  }

  #begin(): Piece | undefined {
    if (this.#pieces.length > this.#most) return undefined;
    const memory = this.#spare.pop() ?? new Uint8Array(PIECE_SIZE);
    const piece = { memory, length: 0, packets: 0, emitted: 0 };
    this.#pieces.push(piece);
    return piece;
  }
}

const NO_MEMORY = new Uint8Array(0);
