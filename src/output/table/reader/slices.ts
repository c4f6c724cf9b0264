/**
 * Divides a span into slices, the newest first, so that a search can say how far it has come, and
 * stop between two of them. The size of slices follows from the time that they take.
 */

import { microsOf, type MicroSpan, msOf } from "./micros.ts";
import { SlowQueryError, type Store, type StoreTable } from "./store.ts";
import type { Budget, Reach } from "../reading.ts";

/** Rows of the first slice, of a slice at least and at most. */
const [FIRST_ROWS, LEAST_ROWS, MOST_ROWS] = [2000, 250, 200_000];
/** Width of the first slice where rows cannot be counted off, in microseconds. */
const FIRST_WIDTH = 60_000_000n;
/** Time of a slice beyond which the next one is smaller, and below which it is larger. */
const [SLOW_MS, QUICK_MS] = [150, 50];
/** Time of a slice beyond which the next one is not wider, where rows cannot be counted off. */
const WIDE_MS = 1000;

/** A search through a span. */
export class Slices {
  readonly #store: Store;
  readonly #table: StoreTable;
  readonly #span: MicroSpan;
  readonly #budget: Budget;
  readonly #untilMs: number;
  #rows = FIRST_ROWS;
  #width = FIRST_WIDTH;
  /** Start of what was looked through. */
  #reached: bigint;

  constructor(store: Store, table: StoreTable, span: MicroSpan, budget: Budget) {
    this.#store = store;
    this.#table = table;
    this.#span = span;
    this.#budget = budget;
    this.#untilMs = performance.now() + budget.ms;
    this.#reached = span.to;
  }

  /** Part of the span that was looked through. */
  get reach(): Reach {
    const isComplete = this.#reached <= this.#span.from;
    return { isComplete, reachedMs: msOf(isComplete ? this.#span.from : this.#reached) };
  }

  /** Start of what was looked through, in microseconds. */
  get reachedMicros(): bigint {
    return this.#reached;
  }

  /** Time at which the search must end, by `performance.now()`. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /**
   * Looks through slices until none is left, time is up, or nothing more is wanted.
   *
   * @param look Looks through a slice; returns whether to go on.
   */
  async each(look: (slice: MicroSpan) => Promise<boolean>): Promise<void> {
    try {
      await this.#skipFuture();
      while (this.#reached > this.#span.from && performance.now() < this.#untilMs) {
        const beganMs = performance.now();
        const slice = { from: await this.#start(), to: this.#reached };
        const goesOn = await look(slice);
        this.#adapt(performance.now() - beganMs);
        this.#reached = slice.from;
        if (!goesOn) return;
      }
    } catch (error) {
      if (!(error instanceof SlowQueryError)) throw error;
    }
  }

  /** Returns the start of the next slice. */
  async #start(): Promise<bigint> {
    const { from } = this.#span;
    if (!this.#store.isOrdered) {
      const start = this.#reached - this.#width;
      return start > from ? start : from;
    }
    const { time } = this.#store.dialect;
    const [row] = await this.#query(
      `SELECT ${this.#column()} FROM ${this.#table.quoted} AS record WHERE record.time >= ${
        time(from)
      } AND record.time < ${time(this.#reached)} ORDER BY record.time DESC LIMIT 1 OFFSET ${
        this.#rows - 1
      }`,
    );
    return row === undefined ? from : microsOf(row.time);
  }

  /** Begins at the newest row, where slices are of so much time. */
  async #skipFuture(): Promise<void> {
    const { counts } = this.#table;
    if (this.#store.isOrdered || counts === undefined) return;
    const [row] = await this.#query(
      `SELECT ${this.#column("max(start)")} FROM ${counts} AS record WHERE step = 60`,
    );
    if (row?.time === null || row?.time === undefined) {
      this.#reached = this.#span.from;
      return;
    }
    const end = microsOf(row.time) + 60_000_000n;
    if (end < this.#reached) this.#reached = end > this.#span.from ? end : this.#span.from;
  }

  #column(expression = "record.time"): string {
    return this.#store.dialect.timeColumn(expression);
  }

  #query(query: string) {
    return this.#store.rows(query, this.#untilMs, this.#budget.signal);
  }

  #adapt(tookMs: number): void {
    if (tookMs > SLOW_MS) this.#rows = Math.max(LEAST_ROWS, this.#rows >> 1);
    else if (tookMs < QUICK_MS) this.#rows = Math.min(MOST_ROWS, this.#rows * 2);
    // A shorter time is no quicker where the end of the table is not in the index yet.
    this.#width *= tookMs < SLOW_MS ? 4n : tookMs < WIDE_MS ? 2n : 1n;
  }
}
