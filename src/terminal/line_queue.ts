/** Queues lines for a terminal or pipe that may be slow, so that their producer never waits. */

import type { TextStream } from "./stream.ts";

/** Limits of a {@linkcode LineQueue}. */
export interface LineQueueOptions {
  /** The most lines that wait. */
  limit: number;
  /** The most lines per second, on average; Infinity for no limit. */
  perSecond: number;
  /**
   * Called once with the reason when writing becomes impossible, as for a pipe without a reader.
   */
  onGone?: (error: unknown) => void;
  /** Returns a line that reports how many lines were skipped before it. */
  skippedLine?: (count: number) => string;
}

/** A waiting line. */
interface Line {
  text: string;
  /** Whether it counts as skipped if it is not written. */
  counts: boolean;
}

/**
 * Shortest interval between two writes, in milliseconds: a screen shows no more frames than that.
 */
const FRAME_MS = 50;
/** Shortest interval between two lines that report skipped ones, in milliseconds. */
const REPORT_MS = 1000;
/** Lines per write: their fate is known together. */
const CHUNK = 256;

/** Writes lines to a stream as fast as it accepts them. */
export class LineQueue {
  /** Number of lines that were dropped. */
  skipped = 0;
  readonly #stream: TextStream;
  readonly #options: LineQueueOptions;
  readonly #encoder = new TextEncoder();
  #lines: Line[] = [];
  /** Lines that are being written, or are next. */
  #current: readonly Line[] = [];
  #writing: Promise<void> | undefined;
  /** Number of skipped lines that were reported, and when. */
  #reported = 0;
  #toldMs = -Infinity;
  #isGone = false;
  /** Whether pauses between writes are omitted. */
  #isClosing = false;
  #endPause: () => void = () => {};

  constructor(stream: TextStream, options: LineQueueOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** Whether a line would be accepted: one that would not need not be made. */
  get hasRoom(): boolean {
    return this.#lines.length < this.#options.limit && !this.#isGone;
  }

  /**
   * Queues a line if there is room.
   *
   * @param line The line, without a newline.
   */
  put(line: string): void {
    if (!this.hasRoom) return this.skip();
    this.#lines.push({ text: line, counts: true });
    this.#begin();
  }

  /**
   * Queues a line even if there is no room; the caller ensures that there are few. It is never
   * counted as skipped.
   */
  note(line: string): void {
    if (this.#isGone) return;
    this.#lines.push({ text: line, counts: false });
    this.#begin();
  }

  /** Counts a line that was not made. */
  skip(): void {
    this.skipped++;
    this.#begin();
  }

  /**
   * Writes the queued lines.
   *
   * @param deadlineMs Time limit in milliseconds; lines left then count as skipped.
   */
  async close(deadlineMs = Infinity): Promise<void> {
    this.#isClosing = true;
    this.#endPause();
    if (deadlineMs === Infinity) return await this.#writing;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, deadlineMs);
    await Promise.race([this.#writing, promise]);
    clearTimeout(timer);
    this.#giveUp();
  }

  #begin(): void {
    this.#writing ??= this.#writeAll().finally(() => this.#writing = undefined);
  }

  async #writeAll(): Promise<void> {
    // Lines that come together are written together.
    await Promise.resolve();
    while (!this.#isGone) {
      const hasUnreported = this.skipped > this.#reported;
      if (this.#lines.length === 0 && !hasUnreported) return;
      const lines = this.#lines;
      this.#lines = [];
      if (hasUnreported && this.#mayReport) lines.push(...this.#report());
      await this.#write(lines);
      await this.#pause(Math.max(FRAME_MS, lines.length / this.#options.perSecond * 1000));
    }
  }

  get #mayReport(): boolean {
    return this.#isClosing || performance.now() - this.#toldMs >= REPORT_MS;
  }

  #report(): Line[] {
    const count = this.skipped - this.#reported;
    this.#reported = this.skipped;
    this.#toldMs = performance.now();
    const text = this.#options.skippedLine?.(count);
    return text === undefined ? [] : [{ text, counts: false }];
  }

  async #write(lines: readonly Line[]): Promise<void> {
    try {
      for (let at = 0; at < lines.length; at += CHUNK) {
        this.#current = lines.slice(at);
        await this.#writeText(lines.slice(at, at + CHUNK).map(({ text }) => `${text}\n`).join(""));
      }
    } catch (error) {
      this.#isGone = true;
      this.#giveUp();
      this.#options.onGone?.(error);
    }
    this.#current = [];
  }

  async #writeText(text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += await this.#stream.write(bytes.subarray(at));
  }

  #giveUp(): void {
    const left = [...this.#current, ...this.#lines];
    this.skipped += left.filter(({ counts }) => counts).length;
    [this.#current, this.#lines] = [[], []];
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isClosing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#endPause = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  }
}
