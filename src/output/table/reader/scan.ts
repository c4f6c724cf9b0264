/** Reads rows of a table page by page, the newest first. */

import type { Budget, Cursor, Reach } from "../reading.ts";
import type { StoredValues } from "../stored_values.ts";
import { MICROS_END, microsOf, type MicroSpan, msOf } from "./micros.ts";
import { Slices } from "./slices.ts";
import { columnsOf, type Store, type StoreTable } from "./store.ts";

/** Rows to read. */
export interface Scan {
  table: StoreTable;
  /** Condition; `TRUE` for all. */
  condition: string;
  span: MicroSpan;
  /** Whether the bytes of packets are read, too. */
  withBytes: boolean;
}

/** Rows that were found. */
export interface Found extends Reach {
  rows: StoredValues[];
  before: Cursor | undefined;
}

/** Place behind some rows: the last one's time, and the rows of that time that were passed. */
interface Place {
  micros: bigint;
  passed: number;
}

/**
 * Reads a page.
 *
 * @param limit Rows at most.
 * @param before Place at which it begins; undefined for the newest row.
 */
export async function readPage(
  store: Store,
  { table, condition, span, withBytes }: Scan,
  limit: number,
  before: Cursor | undefined,
  budget: Budget,
): Promise<Found> {
  const place = before === undefined ? undefined : placeOf(before);
  const to = place !== undefined && place.micros < span.to ? place.micros + 1n : span.to;
  const slices = new Slices(store, table, { from: span.from, to }, budget);
  const { time } = store.dialect;
  const order = ["time", ...store.dialect.order(table.record)]
    .map((column) => `record.${column} DESC`).join(", ");
  const columns = columnsOf(store, table, withBytes);
  const rows: StoredValues[] = [];
  let last: Place = { micros: MICROS_END, passed: 0 };
  let left = place?.passed ?? 0;
  await slices.each(async (slice) => {
    const found = await store.rows(
      `SELECT ${columns} FROM ${table.quoted} AS record WHERE record.time >= ${time(slice.from)} ` +
        `AND record.time < ${time(slice.to)} AND (${condition}) ` +
        `ORDER BY ${order} LIMIT ${limit - rows.length + left}`,
      slices.untilMs,
      budget.signal,
    );
    for (const row of found) {
      const micros = microsOf(row.time);
      last = { micros, passed: micros === last.micros ? last.passed + 1 : 1 };
      if (left > 0 && micros === place!.micros) left--;
      else rows.push(row);
    }
    left = 0;
    return rows.length < limit;
  });
  const { reach } = slices;
  if (rows.length >= limit) {
    return { rows, before: cursorOf(last), isComplete: false, reachedMs: msOf(last.micros) };
  }
  if (reach.isComplete) return { rows, before: undefined, ...reach };
  const reached = slices.reachedMicros;
  return { rows, before: cursorOf({ micros: reached - 1n, passed: 0 }), ...reach };
}

function cursorOf({ micros, passed }: Place): Cursor {
  return `${micros}.${passed}`;
}

/** Returns the place of a cursor; one that is none leads to the newest row. */
function placeOf(cursor: Cursor): Place | undefined {
  const [, micros, passed] = /^(\d{1,18})\.(\d{1,9})$/.exec(cursor) ?? [];
  return micros === undefined ? undefined : { micros: BigInt(micros), passed: Number(passed) };
}
