/**
 * Queue of records in memory, in reused pieces.
 *
 * @module
 */

import type { Loss } from "../record/loss.ts";

/** Size of a piece, in bytes; any batch of records fits. */
export const PIECE_SIZE: number = 512 * 1024;

/** Counts of some records. */
export interface Batch {
  /** Packets in it. */
  packets: number;
  /** Lines of the script itself in it. */
  emitted: number;
}

/** Queued records, or the note of a loss before the next records. */
export interface Waiting extends Batch {
  /** Whole records. */
  bytes: Uint8Array;
  /** Loss; there are no records then. */
  loss?: Loss;
}

interface Piece extends Batch {
  memory: Uint8Array;
  length: number;
  loss?: Loss;
}

/**
 * First-in, first-out queue of copies, limited in bytes.
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
  /** Queued packets. */
  packets = 0;
  readonly #most: number;
  readonly #pieces: Piece[] = [];
  /** Memory of removed pieces, to be reused. */
  readonly #spare: Uint8Array[] = [];
  /** Whether the first piece is in use and must not change. */
  #isTaken = false;

  /**
   * Creates a queue.
   *
   * @param size Limit in bytes; at least one batch fits.
   */
  constructor(size: number) {
    this.#most = Math.max(1, Math.floor(size / PIECE_SIZE));
  }

  /** Whether the queue is empty. */
  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Whether there are enough records for an efficient write. */
  get hasWholePiece(): boolean {
    return this.#pieces.length > 1;
  }

  /**
   * Appends a copy of records.
   *
   * @param bytes Whole records, no more than a piece.
   * @param batch Counts of the records.
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

  /** Appends a note that packets were lost before the next records. */
  pushLoss(loss: Loss): void {
    // Sources that lose in turns must not make the queue longer and longer.
    for (let at = this.#pieces.length - 1; at >= (this.#isTaken ? 1 : 0); at--) {
      const noted = this.#pieces[at]!.loss;
      if (noted === undefined) break;
      if (noted.source !== loss.source) continue;
      noted.packets += loss.packets;
      return;
    }
    const nothing = { memory: NO_MEMORY, length: 0, packets: 0, emitted: 0 };
    this.#pieces.push({ ...nothing, loss: { ...loss } });
  }

  /** Oldest element; unchanged until {@linkcode shift}. */
  get first(): Waiting | undefined {
    const piece = this.#pieces[0];
    if (piece === undefined) return undefined;
    this.#isTaken = true;
    const { memory, length, packets, emitted, loss } = piece;
    return { bytes: memory.subarray(0, length), packets, emitted, ...loss && { loss } };
  }

  /** Removes the oldest element. */
  shift(): void {
    const piece = this.#pieces.shift()!;
    this.#isTaken = false;
    this.packets -= piece.packets;
    // One is enough for an output that keeps up.
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
