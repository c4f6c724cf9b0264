/** Rows that have been read, the newest first, with the places at which some are missing. Pure. */

import type { Row } from "../api/types.ts";

/** A row of the table. */
export interface RowEntry {
  readonly type: "row";
  readonly row: Row;
  readonly timeMs: number;
}

/** Rows that were left out because too many had arrived. */
export interface SkipEntry {
  readonly type: "skip";
  readonly id: string;
  readonly skipped: number;
  readonly timeMs: number;
}

/** A row, or the place of rows that were left out. */
export type Entry = RowEntry | SkipEntry;

/** Most entries in memory: the oldest ones are read anew when they are wanted. */
export const ENTRIES_MAX = 20_000;

/** Compares entries by their times, the newest first: of a millisecond by the rest of it. */
function newestFirst(one: RowEntry, other: RowEntry): number {
  if (one.timeMs !== other.timeMs) return other.timeMs - one.timeMs;
  return one.row.time === other.row.time ? 0 : one.row.time < other.row.time ? 1 : -1;
}

/** Merges entries by time: rows arrive a little out of order, and those of several hosts more. */
function merged(fresh: readonly Entry[], list: readonly Entry[]): Entry[] {
  const oldestMs = fresh.at(-1)?.timeMs ?? Infinity;
  const end = list.findIndex(({ timeMs }) => timeMs <= oldestMs);
  const head = list.slice(0, end < 0 ? list.length : end);
  const all: Entry[] = [];
  let at = 0;
  for (const entry of fresh) {
    while (at < head.length && head[at]!.timeMs > entry.timeMs) all.push(head[at++]!);
    all.push(entry);
  }
  return [...all, ...head.slice(at), ...list.slice(head.length)];
}

/** Entries, the newest first. */
export class Entries {
  /** The entries; another array after each change. */
  list: readonly Entry[] = [];
  /** Whether some were dropped at the old end. */
  isCut = false;
  readonly #ids = new Set<string>();
  #skips = 0;
  /** Rows that were dropped at the old end, and those that were skipped there. */
  #cutRows = 0;

  /** Number of rows. */
  get size(): number {
    return this.#ids.size;
  }

  /** Returns the oldest row. */
  get oldest(): RowEntry | undefined {
    return this.list.findLast((entry) => entry.type === "row");
  }

  /**
   * Adds rows that have arrived.
   *
   * @param rows The newest last.
   * @param skipped Rows that were left out before them.
   */
  arrive(rows: readonly Row[], skipped: number, nowMs: number): void {
    const fresh = this.#fresh(rows).reverse().sort(newestFirst);
    if (fresh.length === 0 && skipped === 0) return;
    const skip = skipped === 0 ? [] : [this.#skip(skipped, fresh.at(-1)?.timeMs ?? nowMs)];
    // Nothing was shown between two places without rows.
    const [first] = this.list;
    if (fresh.length === 0 && first?.type === "skip") {
      this.list = [{ ...first, skipped: first.skipped + skipped }, ...this.list.slice(1)];
      return;
    }
    this.#replace(merged([...fresh, ...skip], this.list));
  }

  /** Adds entries that were held back, all of them newer; those that were too many are skipped. */
  release(held: Entries): void {
    const fresh = held.list.filter((entry) => entry.type === "skip" || this.#take(entry.row));
    const last = fresh.at(-1);
    const skip = held.#cutRows === 0 || last === undefined
      ? []
      : [this.#skip(held.#cutRows, last.timeMs)];
    this.#replace(merged([...fresh, ...skip], this.list));
  }

  /** Adds older rows, the newest first; returns how many were not here before. */
  append(rows: readonly Row[]): number {
    const fresh = this.#fresh(rows);
    this.list = [...this.list, ...fresh];
    return fresh.length;
  }

  /** Drops what is older than a time. */
  forget(beforeMs: number): void {
    if ((this.list.at(-1)?.timeMs ?? Infinity) >= beforeMs) return;
    // Clocks of hosts differ: order is that of arrival.
    const end = this.list.findLastIndex(({ timeMs }) => timeMs >= beforeMs) + 1;
    this.#cut(end);
  }

  #fresh(rows: readonly Row[]): RowEntry[] {
    return rows.filter((row) => this.#take(row))
      .map((row) => ({ type: "row", row, timeMs: Date.parse(row.time) }));
  }

  #take({ rowId }: Row): boolean {
    if (this.#ids.has(rowId)) return false;
    this.#ids.add(rowId);
    return true;
  }

  #skip(skipped: number, timeMs: number): SkipEntry {
    return { type: "skip", id: `skip ${this.#skips++}`, skipped, timeMs };
  }

  #replace(list: readonly Entry[]): void {
    this.list = list;
    if (list.length > ENTRIES_MAX) {
      this.isCut = true;
      this.#cut(ENTRIES_MAX);
    }
  }

  #cut(end: number): void {
    for (const entry of this.list.slice(end)) {
      this.#cutRows += entry.type === "row" ? 1 : entry.skipped;
      if (entry.type === "row") this.#ids.delete(entry.row.rowId);
    }
    this.list = this.list.slice(0, end);
  }
}
