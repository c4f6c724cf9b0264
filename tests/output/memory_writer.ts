/**
 * A writer to memory.
 *
 * @module
 */

import { OutputError } from "../../src/errors.ts";
import type { Writer } from "../../src/output/output.ts";

/** Keeps each batch; `before` is called first and may fail, or make the write wait. */
export class MemoryWriter implements Writer {
  /** Written batches. */
  readonly batches: Uint8Array[] = [];
  /** Number of calls of `close()`. */
  closed = 0;
  readonly #before: () => void | Promise<void>;

  constructor(before: () => void | Promise<void> = () => {}) {
    this.#before = before;
  }

  write(bytes: Uint8Array): void | Promise<void> {
    const waiting = this.#before();
    if (waiting === undefined) return void this.batches.push(bytes.slice());
    // As in a pipe: the bytes are read from the batch only when there is room.
    return waiting.then(() => void this.batches.push(bytes.slice()));
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Throws the error of a writer whose disk is full. */
export function diskFull(): never {
  throw new OutputError("trace.pcap", "Cannot write trace.pcap: no space left on device");
}
