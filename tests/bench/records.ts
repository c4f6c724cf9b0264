/**
 * Counts what a program appends to its file, and gives the room back.
 *
 * @module
 */

import { run } from "../system/process.ts";
import type { Kind } from "./programs.ts";

/** Bytes that are read at once. */
const PIECE = 1 << 20;
/** Of a pcap file and of each of its records (draft-ietf-opsawg-pcap). */
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const NEWLINE = 10;

/** A file that grows by records. */
export class FileRecords {
  readonly #path: string;
  readonly #isPcap: boolean;
  /** Where the next record begins. */
  #at: number;
  #count = 0;

  /**
   * Looks at a file, which need not be there yet.
   *
   * @param path Where it is.
   * @param kind What is in it.
   */
  constructor(path: string, kind: Kind) {
    this.#path = path;
    this.#isPcap = kind === "pcap";
    this.#at = this.#isPcap ? FILE_HEADER : 0;
  }

  /**
   * Counts the whole records so far. What was counted is taken out of the file, which
   * keeps its length: else memory that the system has to find anew would be measured.
   */
  async count(): Promise<number> {
    using file = await Deno.open(this.#path);
    await file.seek(this.#at, Deno.SeekMode.Start);
    const piece = new Uint8Array(PIECE);
    const view = new DataView(piece.buffer);
    for (let filled = 0;;) {
      const read = await file.read(piece.subarray(filled));
      if (read === null) break;
      filled += read;
      const used = this.#isPcap ? this.#walk(view, filled) : this.#lines(piece, filled);
      this.#at += used;
      piece.copyWithin(0, used, filled);
      filled -= used;
    }
    // Where the file system cannot do that, the file is larger, and no less right.
    await run(["fallocate", "--punch-hole", "--length", String(this.#at), this.#path]);
    return this.#count;
  }

  /** Counts the whole records of a piece, and tells where they end. */
  #walk(view: DataView, filled: number): number {
    let at = 0;
    while (at + RECORD_HEADER <= filled) {
      const next = at + RECORD_HEADER + view.getUint32(at + 8, true);
      if (next > filled) break;
      at = next;
      this.#count++;
    }
    return at;
  }

  #lines(piece: Uint8Array, filled: number): number {
    let end = 0;
    for (let at = 0; at < filled; at++) {
      if (piece[at] !== NEWLINE) continue;
      end = at + 1;
      this.#count++;
    }
    return end;
  }
}
