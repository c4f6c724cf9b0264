/**
 * The privileged end of a spool: rows go into a segment log, which the sender
 * reads; where there is no room they wait or are dropped.
 */

import { DeliveryCounters } from "../../buffer/delivery_counters.ts";
import { reasonOf } from "../../buffer/segment_folder.ts";
import type { Segment } from "../../buffer/segment_format.ts";
import { SegmentLog } from "../../buffer/segment_log.ts";
import type { Origin } from "../../record/origin.ts";
import type { OutputLog } from "../output.ts";
import { ChunkFrame, chunkTag, endFrame } from "./chunks.ts";
import { LOSS_TAG } from "./losses.ts";
import type { DeliveryOptions } from "./options.ts";

/** Interval of trying a full spool, or disk, again, in milliseconds. */
const RETRY_MS = 20;
/** Time to wait for room in a full spool while nfscribe stops, in milliseconds. */
const HURRY_MS = 3000;
/** Room of a segment for the rows of a chunk, in bytes: many times what it takes. */
const CHUNK_MOST = 8 * 1024 * 1024;

/** Options of a spool. */
export interface SpoolOptions {
  folder: string;
  /** Limit of its size, in bytes. */
  limit: number;
  /** Time of syncing rows to disk, which then outlast a power failure. */
  sync: DeliveryOptions["spoolSync"];
  /** Whether rows wait or are dropped while it is full. */
  whenFull: DeliveryOptions["whenFull"];
  /** The session whose rows it takes: a UUID. */
  session: string;
}

/** Appends rows to a spool. */
export class Spooler extends SegmentLog {
  /** Numbers that the sender shares. */
  readonly numbers: DeliveryCounters;
  /** Rows that were dropped because there was no room. */
  dropped = 0;
  readonly #options: SpoolOptions;
  readonly #log: OutputLog;
  #hurried = false;
  #isFull = false;
  /** Number of the chunk that is being spooled; 0 for none, or where chunks are not marked. */
  #chunk = 0;
  /** Number of the last chunk. */
  #chunks = 0;
  /** Whether rows of the chunk were dropped because nfscribe stops: its sender keeps them. */
  #isCut = false;

  /**
   * Opens a spool; its folder is made if it is missing.
   *
   * @param options How it behaves.
   * @param log Gets warnings of files that cannot be used, and of a full spool.
   * @param onSegment Called for each segment that is begun.
   * @throws {OutputError} If it cannot be used.
   */
  constructor(options: SpoolOptions, log: OutputLog, onSegment: (segment: Segment) => void) {
    const { folder, limit, session, sync } = options;
    const [counters, suffix, syncsFrames] = [
      new DeliveryCounters(),
      ".rows",
      sync === "batch",
    ] as const;
    super({ folder, limit, session, suffix, syncsFrames, counters, warn: log.warn, onSegment });
    this.numbers = counters;
    this.#options = options;
    this.#log = log;
  }

  /**
   * Appends rows: all of them, or none where there is no room and the policy is
   * to drop. Returns a promise only where it waits for room.
   *
   * @param tag Tells frames of something else than rows apart.
   */
  append(bytes: Uint8Array, rows: number, tag = 0): void | Promise<void> {
    if (!this.#tryAppend(bytes, rows, tag)) return this.#appendLater(bytes, rows, tag);
  }

  /**
   * Begins a chunk: rows and losses until its end are part of it.
   *
   * @param marks Whether its frames are marked as such.
   */
  beginChunk(marks: boolean): void {
    this.#isCut = false;
    if (!marks) return;
    this.#chunk = ++this.#chunks;
    this.keepTogether(CHUNK_MOST);
  }

  /**
   * Ends a chunk, after which it is whole. The spool's limit does not hold for that; a disk that takes
   * nothing more is waited for.
   *
   * @returns Whether the chunk is in the spool, or was dropped by policy; otherwise its sender must
   *   keep it.
   */
  async endChunk(origin: Origin): Promise<boolean> {
    const number = this.#chunk;
    this.#chunk = 0;
    if (number === 0) return !this.#isCut;
    const frame = endFrame(origin);
    const tag = chunkTag(ChunkFrame.END, number);
    for (let waitedMs = 0; !this.#isCut; waitedMs += RETRY_MS) {
      if (this.#tryAppend(frame, 0, tag, true)) return true;
      this.#isCut = this.#hurried && waitedMs >= HURRY_MS;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return false;
  }

  /** Tag of a frame of rows or a loss. */
  tagOf(contents: typeof ChunkFrame.ROWS | typeof ChunkFrame.LOSS): number {
    if (this.#chunk !== 0) return chunkTag(contents, this.#chunk);
    return contents === ChunkFrame.LOSS ? LOSS_TAG : 0;
  }

  /** Bounds the wait for room in a full spool: nfscribe stops. */
  hurry(): void {
    this.#hurried = true;
  }

  async #appendLater(bytes: Uint8Array, rows: number, tag: number): Promise<void> {
    let waitedMs = 0;
    while (this.#options.whenFull === "block" && !(this.#hurried && waitedMs >= HURRY_MS)) {
      const start = performance.now();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      if (this.#hurried) waitedMs += performance.now() - start;
      if (this.#tryAppend(bytes, rows, tag)) return;
    }
    this.dropped += rows;
    this.#isCut ||= this.#options.whenFull === "block";
  }

  /** Appends rows; false if there is no room for them. */
  #tryAppend(bytes: Uint8Array, rows: number, tag: number, isForced = false): boolean {
    const { limit, folder } = this.#options;
    if (!isForced && !this.hasRoom(bytes.length)) {
      return this.#full(`the spool holds ${this.used} of at most ${limit} bytes`);
    }
    try {
      this.write(bytes, rows, tag);
    } catch (error) {
      return this.#full(reasonOf(error, folder));
    }
    this.numbers.wakeReader();
    if (this.#isFull) this.#log.info("The spool takes rows again", { dropped: this.dropped });
    this.#isFull = false;
    return true;
  }

  #full(what: string): false {
    if (!this.#isFull) {
      const policy = this.#options.whenFull === "block"
        ? "the capture waits, and the kernel drops what does not fit into its buffer"
        : "rows are dropped until there is room";
      this.#log.warn(`Cannot spool rows: ${what}; ${policy}`);
    }
    this.#isFull = true;
    return false;
  }
}
