/** Chunks of messages in a spool. */

import type { Origin } from "../../record/origin.ts";
import type { ChunkWriter } from "../output.ts";
import type { Spooler } from "./spooler.ts";

/** Options of chunks in a spool. */
interface SpooledChunksOptions {
  /** Whether the receiver loads each chunk once; otherwise rows are as those of no chunk. */
  marks: boolean;
  /** Whether the sender syncs the spool. */
  isSynced: boolean;
  /** Whether the sender runs. */
  isSending: () => boolean;
}

/** Chunks that are spooled. */
export class SpooledChunks implements ChunkWriter {
  readonly #spooler: Spooler;
  readonly #options: SpooledChunksOptions;
  #hasUnsynced = false;

  constructor(spooler: Spooler, options: SpooledChunksOptions) {
    this.#spooler = spooler;
    this.#options = options;
  }

  /** Begins a chunk. */
  begin(): void {
    this.#spooler.beginChunk(this.#options.marks);
  }

  /** Ends a chunk; returns its end in the spool. */
  async end(origin: Origin): Promise<number> {
    if (!await this.#spooler.endChunk(origin)) return Infinity;
    this.#hasUnsynced = this.#options.isSynced;
    if (!this.#options.isSending()) this.close();
    return this.#spooler.numbers.get("end");
  }

  /** Position up to which the spool lasts a power failure, where that is asked for. */
  get safe(): number {
    const { numbers } = this.#spooler;
    const isLasting = !this.#options.isSynced || !this.#options.isSending();
    return numbers.get(isLasting ? "end" : "safe");
  }

  /** Syncs the spool, whose sender has ended. */
  close(): void {
    if (!this.#hasUnsynced) return;
    this.#hasUnsynced = false;
    try {
      this.#spooler.sync();
    } catch {
      // The rows are there, but for a power failure; the disk shows what is wrong with the next frame.
    }
  }
}
