/**
 * Queues lines for a terminal or a pipe that may be slow: the code that makes them
 * never waits.
 *
 * @module
 */

import type { TextStream } from "./stream.ts";

/** How a {@linkcode LineQueue} is bounded. */
export interface LineQueueOptions {
  /** Lines that may wait. */
  limit: number;
  /** Lines in a second at the most, on average; Infinity for as many as the stream takes. */
  perSecond: number;
  /** Told once why nothing can be written any more, as for a pipe whose reader has gone. */
  onGone?: (error: unknown) => void;
  /** A line that tells how many lines were skipped before it. */
  skippedLine?: (count: number) => string;
}

/** A line that waits. */
interface Line {
  text: string;
  /** Whether it counts as skipped where it is not shown. */
  counts: boolean;
}

/** The least time between two writes, in milliseconds: a screen shows no more pictures than that. */
const FRAME_MS = 50;
/** The least time between two lines that tell of skipped ones, in milliseconds. */
const TELL_MS = 1000;
/** Lines that are written at once: of those it is known whether they were. */
const CHUNK = 256;

/** Hands lines to a stream, as many as it takes. */
export class LineQueue {
  /** Lines that will not be shown. */
  skipped = 0;
  readonly #stream: TextStream;
  readonly #options: LineQueueOptions;
  readonly #encoder = new TextEncoder();
  #lines: Line[] = [];
  /** Those that are being written, or are next. */
  #underWay: readonly Line[] = [];
  #writing: Promise<void> | undefined;
  /** Skipped lines that were reported, and when. */
  #told = 0;
  #toldMs = -Infinity;
  #isGone = false;
  /** Whether the pauses between writes are over. */
  #hurries = false;
  #endPause: () => void = () => {};

  /** Nothing waits yet. */
  constructor(stream: TextStream, options: LineQueueOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** Whether a line would be taken: one that would not need not be made. */
  get hasRoom(): boolean {
    return this.#lines.length < this.#options.limit && !this.#isGone;
  }

  /**
   * Takes a line, where there is room.
   *
   * @param line It, without a newline.
   */
  put(line: string): void {
    if (!this.hasRoom) return this.skip();
    this.#lines.push({ text: line, counts: true });
    this.#begin();
  }

  /**
   * Takes a line even where there is no room; its maker sees to it that there are few. It is never
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
   * Writes what waits.
   *
   * @param deadlineMs How long that may take, in milliseconds; what is left then counts as skipped.
   */
  async close(deadlineMs = Infinity): Promise<void> {
    this.#hurries = true;
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
      const untold = this.skipped > this.#told;
      if (this.#lines.length === 0 && !untold) return;
      const lines = this.#lines;
      this.#lines = [];
      if (untold && this.#mayTell) lines.push(...this.#tell());
      await this.#write(lines);
      await this.#pause(Math.max(FRAME_MS, lines.length / this.#options.perSecond * 1000));
    }
  }

  get #mayTell(): boolean {
    return this.#hurries || performance.now() - this.#toldMs >= TELL_MS;
  }

  #tell(): Line[] {
    const count = this.skipped - this.#told;
    this.#told = this.skipped;
    this.#toldMs = performance.now();
    const text = this.#options.skippedLine?.(count);
    return text === undefined ? [] : [{ text, counts: false }];
  }

  async #write(lines: readonly Line[]): Promise<void> {
    try {
      for (let at = 0; at < lines.length; at += CHUNK) {
        this.#underWay = lines.slice(at);
        await this.#writeText(lines.slice(at, at + CHUNK).map(({ text }) => `${text}\n`).join(""));
      }
    } catch (error) {
      this.#isGone = true;
      this.#giveUp();
      this.#options.onGone?.(error);
    }
    this.#underWay = [];
  }

  async #writeText(text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += await this.#stream.write(bytes.subarray(at));
  }

  #giveUp(): void {
    const left = [...this.#underWay, ...this.#lines];
    this.skipped += left.filter(({ counts }) => counts).length;
    [this.#underWay, this.#lines] = [[], []];
  }

  async #pause(ms: number): Promise<void> {
    if (this.#hurries) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#endPause = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  }
}
