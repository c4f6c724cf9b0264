/**
 * Divides a span into slices, from one of its ends to the other, so that a search can say how far it
 * has come, and stop between two of them. The size of slices follows from the time that they take.
 */

import { microsOf, type MicroSpan, msOf } from "./micros.ts";
import { SlowQueryError, type Store, type StoreTable } from "./store.ts";
import type { Budget, Reach } from "../reading.ts";

/** Rows of the first slice, of a slice at least and at most. */
const [FIRST_ROWS, LEAST_ROWS, MOST_ROWS] = [2000, 250, 200_000];
const MINUTE = 60_000_000n;
/** Width of the first slice where rows cannot be counted off, in microseconds. */
const FIRST_WIDTH = MINUTE;
/** Time of a slice beyond which the next one is smaller, and below which it is larger. */
const [SLOW_MS, QUICK_MS] = [150, 50];
/** Time of a slice beyond which the next one is not wider, where rows cannot be counted off. */
const WIDE_MS = 1000;

/** Order in which rows are read. */
export type Order = "newest first" | "oldest first";

/** A search through a span. */
export class Slices {
  readonly #store: Store;
  readonly #table: StoreTable;
  readonly #budget: Budget;
  readonly #order: Order;
  readonly #untilMs: number;
  #rows = FIRST_ROWS;
  #width = FIRST_WIDTH;
  /** Part of the span that was not looked through. */
  #rest: MicroSpan;

  constructor(
    store: Store,
    table: StoreTable,
    span: MicroSpan,
    budget: Budget,
    order: Order = "newest first",
  ) {
    this.#store = store;
    this.#table = table;
    this.#budget = budget;
    this.#order = order;
    this.#untilMs = performance.now() + budget.ms;
    this.#rest = span;
  }

  /** Part of the span that was looked through, where the newest is first. */
  get reach(): Reach {
    const { from, to } = this.#rest;
    return { isComplete: this.#isComplete, reachedMs: msOf(this.#isComplete ? from : to) };
  }

  /** Part of the span that was not looked through; undefined for none. */
  get rest(): MicroSpan | undefined {
    return this.#isComplete ? undefined : this.#rest;
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
      await this.#skipEmpty();
      while (!this.#isComplete && performance.now() < this.#untilMs) {
        const beganMs = performance.now();
        const slice = await this.#next();
        const goesOn = await look(slice);
        this.#adapt(performance.now() - beganMs);
        const { from, to } = this.#rest;
        this.#rest = this.#isUpward ? { from: slice.to, to } : { from, to: slice.from };
        if (!goesOn) return;
      }
    } catch (error) {
      if (!(error instanceof SlowQueryError)) throw error;
    }
  }

  get #isComplete(): boolean {
    return this.#rest.from >= this.#rest.to;
  }

  get #isUpward(): boolean {
    return this.#order === "oldest first";
  }

  /** Returns the next slice. */
  async #next(): Promise<MicroSpan> {
    const { from, to } = this.#rest;
    if (this.#isUpward) {
      const end = this.#store.isOrdered ? (await this.#lastTime() ?? to) + 1n : from + this.#width;
      return { from, to: end < to ? end : to };
    }
    const start = this.#store.isOrdered ? await this.#lastTime() ?? from : to - this.#width;
    return { from: start > from ? start : from, to };
  }

  /** Returns the time of the last row of a slice; undefined if it has all that is left. */
  async #lastTime(): Promise<bigint | undefined> {
    const { time } = this.#store.dialect;
    const { from, to } = this.#rest;
    const [row] = await this.#query(
      `SELECT ${this.#column()} FROM ${this.#table.quoted} AS record WHERE record.time >= ${
        time(from)
      } AND record.time < ${time(to)} ORDER BY record.time ${this.#isUpward ? "ASC" : "DESC"} ` +
        `LIMIT 1 OFFSET ${this.#rows - 1}`,
    );
    return row && microsOf(row.time);
  }

  /** Begins where there are rows, where slices are of so much time. */
  async #skipEmpty(): Promise<void> {
    const { counts } = this.#table;
    if (this.#store.isOrdered || counts === undefined) return;
    const [row] = await this.#query(
      `SELECT ${
        this.#column(this.#isUpward ? "min(start)" : "max(start)")
      } FROM ${counts} AS record WHERE step = 60`,
    );
    const { from, to } = this.#rest;
    if (row?.time === null || row?.time === undefined) {
      this.#rest = { from, to: from };
      return;
    }
    const minute = microsOf(row.time);
    if (this.#isUpward) this.#rest = { from: minute > from ? minute : from, to };
    else this.#rest = { from, to: minute + MINUTE < to ? minute + MINUTE : to };
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
