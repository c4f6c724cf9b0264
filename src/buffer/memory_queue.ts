/** Records that wait in memory, in pieces that are used again. */

import type { Loss } from "../record/loss.ts";

/** Bytes of a piece; any batch of records fits. */
export const PIECE_SIZE: number = 512 * 1024;

/** Pieces that are kept to be used again: an output that keeps up needs no more. */
const SPARES_MOST = 8;

/** Counts of some records. */
export interface Batch {
  packets: number;
  /** Lines of the script's own in it. */
  emitted: number;
}

/** Records that wait, or the note that packets were lost before what follows. */
export interface Waiting extends Batch {
  /** Whole records. */
  bytes: Uint8Array;
  /** Packets that were lost; there are no records then. */
  loss?: Loss;
  /** Whether a former run has left it. */
  isOld: boolean;
}

interface Piece extends Batch {
  memory: Uint8Array;
  length: number;
  loss?: Loss;
}

const NO_MEMORY = new Uint8Array(0);

/** A first-in, first-out queue of copies, bounded in bytes. */
export class MemoryQueue {
  /** Packets that wait. */
  packets = 0;
  /** Number of entries that were taken out. */
  passed = 0;
  readonly #most: number;
  readonly #pieces: Piece[] = [];
  /** Memory of pieces that were taken out: what is given up stays until V8 collects it. */
  readonly #spares: Uint8Array[] = [];
  /** Whether the first piece was read: it then stays as it is. */
  #isTaken = false;

  /**
   * Makes a queue.
   *
   * @param size How much may wait, in bytes; at least one batch fits.
   */
  constructor(size: number) {
    this.#most = Math.max(1, Math.floor(size / PIECE_SIZE));
  }

  /** Number of entries that were taken out or wait. */
  get end(): number {
    return this.passed + this.#pieces.length;
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
   * @param batch Counts of them.
   * @returns Whether there was room.
   */
  push(bytes: Uint8Array, { packets, emitted }: Batch): boolean {
    let piece = this.#last;
    if (
      piece === undefined || piece.loss !== undefined || piece.length + bytes.length > PIECE_SIZE
    ) {
      if (this.#pieces.length > this.#most) return false;
      piece = this.#begin(this.#spares.pop() ?? new Uint8Array(PIECE_SIZE));
    }
    piece.memory.set(bytes, piece.length);
    piece.length += bytes.length;
    piece.packets += packets;
    piece.emitted += emitted;
    this.packets += packets;
    return true;
  }

  /** Notes that packets were lost before what comes next. */
  pushLoss(loss: Loss): void {
    // Sources that lose in turns must not make the queue longer and longer.
    for (let at = this.#pieces.length - 1; at >= (this.#isTaken ? 1 : 0); at--) {
      const noted = this.#pieces[at]!.loss;
      if (noted === undefined) break;
      if (noted.source !== loss.source || noted.host !== loss.host) continue;
      noted.packets += loss.packets;
      return;
    }
    this.#begin(NO_MEMORY).loss = { ...loss };
  }

  /** The oldest entry; it stays as it is until {@linkcode shift}. */
  get first(): Waiting | undefined {
    const piece = this.#pieces[0];
    if (piece === undefined) return undefined;
    this.#isTaken = true;
    const { memory, length, packets, emitted, loss } = piece;
    const bytes = memory.subarray(0, length);
    return { bytes, packets, emitted, isOld: false, ...loss && { loss } };
  }

  /** Takes out what has waited longest. */
  shift(): void {
    const { packets, memory } = this.#pieces.shift()!;
    this.#isTaken = false;
    this.passed++;
    this.packets -= packets;
    if (memory !== NO_MEMORY && this.#spares.length < SPARES_MOST) this.#spares.push(memory);
  }

  /** The last piece, unless it was read. */
  get #last(): Piece | undefined {
    return this.#isTaken && this.#pieces.length === 1 ? undefined : this.#pieces.at(-1);
  }

  #begin(memory: Uint8Array): Piece {
    const piece = { memory, length: 0, packets: 0, emitted: 0 };
    this.#pieces.push(piece);
    return piece;
  }
}
