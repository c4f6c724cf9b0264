/** Standard error as the destination of the log. */

import { messageOf } from "../errors.ts";
import type { TextStream } from "../terminal/stream.ts";

/** Limit of the records that wait for the reader, in characters. */
const WAITING_MAX = 64 * 1024;

/** Callbacks of a {@linkcode LogStream}. */
export interface LogStreamEvents {
  /** Called when records are lost because they could not be written, with the reason. */
  onLost(records: number, why: string): void;
  /** Called when all waiting records are written. */
  onRoom(): void;
}

/**
 * Writes records to a stream whose reader may be slow or hang, as `less` or a stopped journal: the
 * caller never waits.
 */
export class LogStream {
  readonly #stream: TextStream;
  readonly #events: LogStreamEvents;
  readonly #encoder = new TextEncoder();
  #waiting: string[] = [];
  /** Characters of the records that wait or are being written. */
  #size = 0;
  #writing: Promise<void> | undefined;
  /** Whether the last line was written in part. */
  #isTorn = false;

  constructor(stream: TextStream, events: LogStreamEvents) {
    this.#stream = stream;
    this.#events = events;
  }

  /**
   * Queues a record.
   *
   * @param record Record with its newline.
   * @throws {Error} If too much waits for the reader.
   */
  write(record: string): void {
    if (this.#size + record.length > WAITING_MAX) throw new Error("nothing reads standard error");
    this.#waiting.push(record);
    this.#size += record.length;
    this.#writing ??= this.#writeAll();
  }

  /** Writes the waiting records; gives up after a time, in milliseconds. */
  async close(deadlineMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, deadlineMs);
    await Promise.race([this.#writing, promise]);
    clearTimeout(timer);
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const records = this.#waiting;
      this.#waiting = [];
      const text = records.join("");
      try {
        await this.#writeText(text);
      } catch (error) {
        this.#events.onLost(records.length, messageOf(error));
      }
      this.#size -= text.length;
      if (this.#waiting.length === 0 && !this.#isTorn) this.#events.onRoom();
    }
    this.#writing = undefined;
  }

  async #writeText(text: string): Promise<void> {
    const bytes = this.#encoder.encode(this.#isTorn ? `\n${text}` : text);
    let at = 0;
    try {
      while (at < bytes.length) at += await this.#stream.write(bytes.subarray(at));
    } finally {
      if (at > 0) this.#isTorn = at < bytes.length;
    }
  }
}
