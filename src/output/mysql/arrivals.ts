/**
 * Rows of MySQL about in the order of arrival: no column tells it, so the newest rows are read, and
 * those that were read before are left out.
 */

import type { Budget, Cursor } from "../table/reading.ts";
import { microsOf } from "../table/reader/micros.ts";
import type { ArrivalQuery, Store, StoreTable } from "../table/reader/store.ts";
import { SPOOLS } from "../table/name.ts";
import type { StoredValues } from "../table/stored_values.ts";

/** Time by which rows may come later than newer ones, as from another host, in microseconds. */
const LATE = 5_000_000n;
/** Rows that are remembered of an expression, and expressions of which rows are. */
const [ROWS_MOST, EXPRESSIONS_MOST] = [2000, 50];

/** The newest rows of tables. */
export class Arrivals {
  /** Addresses of rows that were read, by expression. */
  readonly #seen = new Map<string, Set<string>>();

  /** Reads rows that have arrived, as `StoreReader.arrived` says. */
  async read(
    store: Store,
    { record, quoted }: StoreTable,
    { columns, condition, limit }: ArrivalQuery,
    after: Cursor | undefined,
    { ms, signal }: Budget,
  ): Promise<{ rows: StoredValues[]; after: Cursor; skipped: number }> {
    const untilMs = performance.now() + ms;
    const [sum] = await store.rows(
      `SELECT COALESCE(SUM(\`rows\`), 0) AS count FROM ${SPOOLS}`,
      untilMs,
      signal,
    );
    const count = Number(sum!.count);
    const [, newest, before] = /^(\d{1,18})\.(\d{1,16})$/.exec(after ?? "") ?? [];
    if (newest !== undefined && Number(before) === count) {
      return { rows: [], after: after!, skipped: 0 };
    }
    const seen = this.#seenOf(`${record.kind} ${condition}`);
    const since = sinceOf(newest, seen.size > 0);
    const { time, idOf } = store.dialect;
    const most = limit + seen.size;
    const found = await store.rows(
      `SELECT ${columns} FROM ${quoted} AS record WHERE record.\`time\` >= ${time(since)} AND ` +
        `(${condition}) ORDER BY record.\`time\` DESC LIMIT ${newest === undefined ? limit : most}`,
      untilMs,
      signal,
    );
    const isNew = found.filter((row) => !seen.has(idOf(row)));
    for (const row of found.toReversed()) seen.add(idOf(row));
    for (const id of seen) {
      if (seen.size <= ROWS_MOST) break;
      seen.delete(id);
    }
    const last = found[0] === undefined ? BigInt(newest ?? 0) : microsOf(found[0].time);
    const next = `${last > BigInt(newest ?? 0) ? last : newest ?? 0}.${count}`;
    if (newest === undefined) return { rows: [], after: next, skipped: 0 };
    const rows = isNew.slice(0, limit).reverse();
    const isCut = found.length === most || rows.length < isNew.length;
    const skipped = isCut ? Math.max(0, count - Number(before) - rows.length) : 0;
    return { rows, after: next, skipped };
  }

  #seenOf(expression: string): Set<string> {
    const seen = this.#seen.get(expression) ?? new Set();
    this.#seen.delete(expression);
    this.#seen.set(expression, seen);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > EXPRESSIONS_MOST) this.#seen.delete(oldest!);
    return seen;
  }
}

/** Returns the time from which on rows are read; without a memory, none that may have been read before. */
function sinceOf(newest: string | undefined, remembers: boolean): bigint {
  if (newest === undefined) return 0n;
  const micros = BigInt(newest);
  return !remembers ? micros + 1n : micros > LATE ? micros - LATE : 0n;
}
