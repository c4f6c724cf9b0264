/**
 * Counts the records that a program appends to its file, and frees the space.
 *
 * @module
 */

import { run } from "../system/process.ts";
import type { Kind } from "./programs.ts";

/** Bytes to read at once. */
const PIECE = 1 << 20;
/** Sizes of the headers of a pcap file and of each record (draft-ietf-opsawg-pcap), in bytes. */
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const NEWLINE = 10;
/** Smallest part of a file that takes memory, in bytes. */
const PAGE = 4096;

/**
 * Frees the memory of what programs have written into files of a folder, which keep their length.
 *
 * @param names Pattern of the files' names.
 */
export async function emptyFiles(folder: string, names: RegExp): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!names.test(name)) continue;
    const path = `${folder}/${name}`;
    const size = await Deno.stat(path).then(({ size }) => size, () => 0);
    if (size < PAGE) continue;
    await run(["fallocate", "--punch-hole", "--length", String(size), path]);
  }
}

/** A growing file of records. */
export class FileRecords {
  readonly #path: string;
  readonly #isPcap: boolean;
  /** Offset of the next record. */
  #at: number;
  #count = 0;

  /**
   * Opens a file, which need not exist yet.
   *
   * @param path Its path.
   * @param kind Its format.
   */
  constructor(path: string, kind: Kind) {
    this.#path = path;
    this.#isPcap = kind === "pcap";
    this.#at = this.#isPcap ? FILE_HEADER : 0;
  }

  /**
   * Counts the complete records so far. Counted ones are punched out of the file, which keeps its
   * length: otherwise the system's search for free memory would be measured as well.
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
    // If the file system cannot do that, the file is larger, but the count is right.
    await run(["fallocate", "--punch-hole", "--length", String(this.#at), this.#path]);
    return this.#count;
  }

  /** Counts the complete records of a piece; returns where they end. */
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
