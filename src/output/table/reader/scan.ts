/** Reads rows of a table page by page, in the order of time. */

import type { Budget, Cursor, Reach } from "../reading.ts";
import type { StoredValues } from "../stored_values.ts";
import { MICROS_END, microsOf, type MicroSpan, msOf } from "./micros.ts";
import { type Order, Slices } from "./slices.ts";
import { columnsOf, type Store, type StoreTable } from "./store.ts";

/** Rows to read. */
export interface Scan {
  table: StoreTable;
  /** Condition; `TRUE` for all. */
  condition: string;
  span: MicroSpan;
  /** Whether the bytes of packets are read, too. */
  withBytes: boolean;
  order: Order;
}

/** Rows that were found. */
export interface Found extends Reach {
  rows: StoredValues[];
  /** Place at which the next page begins; undefined at the end of the span. */
  next: Cursor | undefined;
}

/** Place behind some rows: the last one's time, and the rows of that time that were passed. */
interface Place {
  micros: bigint;
  passed: number;
}

/**
 * Reads a page. Its reach is for pages with the newest first.
 *
 * @param limit Rows at most.
 * @param cursor Place at which it begins; undefined for the first row.
 */
export async function readPage(
  store: Store,
  { table, condition, span, withBytes, order }: Scan,
  limit: number,
  cursor: Cursor | undefined,
  budget: Budget,
): Promise<Found> {
  const place = cursor === undefined ? undefined : placeOf(cursor);
  const slices = new Slices(store, table, restOf(span, place, order), budget, order);
  const { time } = store.dialect;
  const direction = order === "oldest first" ? "ASC" : "DESC";
  const columnsInOrder = ["time", ...store.dialect.order(table.record)]
    .map((column) => `record.${column} ${direction}`).join(", ");
  const columns = columnsOf(store, table, withBytes);
  const rows: StoredValues[] = [];
  let last: Place = { micros: MICROS_END, passed: 0 };
  let left = place?.passed ?? 0;
  await slices.each(async (slice) => {
    const found = await store.rows(
      `SELECT ${columns} FROM ${table.quoted} AS record WHERE record.time >= ${time(slice.from)} ` +
        `AND record.time < ${time(slice.to)} AND (${condition}) ` +
        `ORDER BY ${columnsInOrder} LIMIT ${limit - rows.length + left}`,
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
  const { reach, rest } = slices;
  if (rows.length >= limit) {
    return { rows, next: cursorOf(last), isComplete: false, reachedMs: msOf(last.micros) };
  }
  if (rest === undefined) return { rows, next: undefined, ...reach };
  const micros = order === "oldest first" ? rest.from : rest.to - 1n;
  return { rows, next: cursorOf({ micros, passed: 0 }), ...reach };
}

/** Returns the part of a span from a place on, with all rows of its time. */
function restOf({ from, to }: MicroSpan, place: Place | undefined, order: Order): MicroSpan {
  if (place === undefined) return { from, to };
  const { micros } = place;
  if (order === "oldest first") return { from: micros > from ? micros : from, to };
  return { from, to: micros < to ? micros + 1n : to };
}

function cursorOf({ micros, passed }: Place): Cursor {
  return `${micros}.${passed}`;
}

/** Returns the place of a cursor; one that is none leads to the first row. */
function placeOf(cursor: Cursor): Place | undefined {
  const [, micros, passed] = /^(\d{1,18})\.(\d{1,9})$/.exec(cursor) ?? [];
  return micros === undefined ? undefined : { micros: BigInt(micros), passed: Number(passed) };
}
