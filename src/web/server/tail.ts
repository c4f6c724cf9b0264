/** The end of a table, read once for all browsers that look at the same records. */

import type { Choice, Cursor, StoreReader } from "../../output/table/reading.ts";
import { messageOf } from "../../errors.ts";
import { ExpressionError } from "../../filter/expression/error.ts";
import { requestErrorOf } from "./store_error.ts";
import { Batch, type EventStream } from "./event_stream.ts";
import type { LiveLimits } from "./limits.ts";

/** Time that one look may take, in milliseconds. */
const LOOK_MS = 2000;
/** Interval after a failure, in milliseconds. */
const FAILED_MS = 2000;

/** A browser that joins, with the place where it was before. */
interface Joining {
  stream: EventStream;
  after: Cursor | undefined;
}

/** Reads what arrives while a browser looks, and nothing else. */
export class Tail {
  readonly #reader: StoreReader;
  readonly #choice: Omit<Choice, "span">;
  readonly #limits: LiveLimits;
  /** Browsers, with the rows that they have beyond the common place. */
  readonly #streams = new Map<EventStream, ReadonlySet<string>>();
  #joining: Joining[] = [];
  #after: Cursor | undefined;
  #abort = new AbortController();
  #isRunning = false;
  /** Whether the last look failed: browsers show that until rows come. */
  #hasFailed = false;

  constructor(reader: StoreReader, choice: Omit<Choice, "span">, limits: LiveLimits) {
    this.#reader = reader;
    this.#choice = choice;
    this.#limits = limits;
  }

  /** Number of browsers. */
  get size(): number {
    return this.#streams.size + this.#joining.length;
  }

  /** Adds a browser; with a place it gets what has arrived since. */
  add(stream: EventStream, after: Cursor | undefined): void {
    this.#joining.push({ stream, after });
    if (!this.#isRunning) void this.#run();
  }

  /** Removes a browser; the last one ends the reading. */
  remove(stream: EventStream): void {
    this.#streams.delete(stream);
    this.#joining = this.#joining.filter((one) => one.stream !== stream);
    if (this.size === 0) this.#abort.abort();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    this.#abort = new AbortController();
    this.#after = undefined;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const startedMs = performance.now();
      let waitMs = this.#limits.rowsMs;
      try {
        await this.#look(signal);
      } catch (error) {
        if (signal.aborted) break;
        this.#tell(error);
        // It will not become right.
        if (error instanceof ExpressionError) break;
        waitMs = FAILED_MS;
      }
      const tookMs = performance.now() - startedMs;
      // A store that is slow is not asked all the time.
      await pause(Math.max(waitMs - tookMs, tookMs), signal);
    }
    this.#isRunning = false;
    // One that came after the end began.
    if (signal.aborted && this.size > 0) void this.#run();
  }

  async #look(signal: AbortSignal): Promise<void> {
    const joining = this.#joining;
    const isFirst = this.#after === undefined;
    const batch = await this.#arrived(this.#after, signal);
    this.#after = batch.arrivals.after;
    this.#give(batch, this.#hasFailed);
    this.#hasFailed = false;
    for (const { stream, after } of joining) {
      // Those that have left meanwhile are no longer in the list.
      if (!this.#joining.some((one) => one.stream === stream)) continue;
      const own = after === undefined || after === this.#after && isFirst
        ? new Batch({ rows: [], after: this.#after, skipped: 0 })
        : await this.#missed(stream, after, signal);
      this.#joining = this.#joining.filter((one) => one.stream !== stream);
      this.#streams.set(stream, new Set(own.arrivals.rows.map(({ rowId }) => rowId)));
      stream.addRows(own);
    }
  }

  /** Reads what a browser has missed; a place that is none is that browser's problem alone. */
  async #missed(stream: EventStream, after: Cursor, signal: AbortSignal): Promise<Batch> {
    try {
      return await this.#arrived(after, signal);
    } catch (error) {
      signal.throwIfAborted();
      stream.set("problem", problemOf(error));
      return new Batch({ rows: [], after: this.#after!, skipped: 0 });
    }
  }

  async #arrived(after: Cursor | undefined, signal: AbortSignal): Promise<Batch> {
    const budget = { ms: LOOK_MS, signal };
    return new Batch(
      await this.#reader.arrived(this.#choice, after, this.#limits.rows, budget),
    );
  }

  #give(batch: Batch, isNeeded: boolean): void {
    const { rows, skipped, after } = batch.arrivals;
    if (rows.length === 0 && skipped === 0 && !isNeeded) return;
    for (const [stream, known] of this.#streams) {
      if (known.size === 0) {
        stream.addRows(batch);
        continue;
      }
      this.#streams.set(stream, NONE);
      const others = rows.filter(({ rowId }) => !known.has(rowId));
      if (others.length > 0 || skipped > 0) {
        stream.addRows(new Batch({ rows: others, skipped, after }));
      }
    }
  }

  #tell(error: unknown): void {
    const problem = problemOf(error);
    this.#hasFailed = true;
    for (const stream of this.#streams.keys()) stream.set("problem", problem);
    for (const { stream } of this.#joining) stream.set("problem", problem);
  }
}

function problemOf(error: unknown): { error: string } {
  return requestErrorOf(error)?.body() ?? { error: messageOf(error) };
}

const NONE: ReadonlySet<string> = new Set();

/** Waits, until the signal is aborted at the most. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const onAbort = () => resolve();
  signal.addEventListener("abort", onAbort);
  await promise;
  signal.removeEventListener("abort", onAbort);
  clearTimeout(timer);
}
