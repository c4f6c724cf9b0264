/** Reads records of a table, the newest first. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Question } from "../define.ts";
import type { StructuredFlow } from "../../flow/structured.ts";
import { FLOWS } from "../table/flows.ts";
import type { RecordTable } from "../table/record_table.ts";
import { storedFlow } from "../table/stored_flow.ts";
import { type StoredRecord, storedRecord } from "../table/stored_record.ts";
import { readColumns, type StoredValues } from "../table/stored_values.ts";
import { tooSlow } from "../table/time_limit.ts";
import { quoted } from "./schema.ts";

/** Rows that are looked at between two looks at the clock: SQLite cannot be stopped from outside. */
const SLICE_ROWS = 50_000;

/** Bounds of whole numbers in SQLite. */
const [FIRST, LAST] = [-(2n ** 63n), 2n ** 63n - 1n] as const;

/** Place of a row in the order of time. */
interface Place {
  time: bigint;
  rowid: bigint;
}

/**
 * Reads records.
 *
 * @param condition Condition of `WHERE`; undefined for all rows.
 * @param path The database, for the error.
 * @throws {OutputError} If the time limit is reached.
 */
export async function readRecords(
  database: DatabaseSync,
  record: RecordTable,
  table: string,
  condition: string | undefined,
  { sinceMs, untilMs, limit, timeoutMs }: Question,
  take: (record: StoredRecord) => Promise<boolean>,
  path: string,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  const { slice, rows } = prepare(database, record, table, condition);
  const first = sinceMs === undefined ? FIRST : micros(sinceMs);
  let end: Place = untilMs === undefined
    ? { time: LAST, rowid: LAST }
    : { time: micros(untilMs), rowid: FIRST };
  let left = limit;
  while (left > 0) {
    if (performance.now() > endMs) throw tooSlow(path, timeoutMs);
    const next = slice.get(end.time, end.rowid, first, SLICE_ROWS - 1) as Place | undefined;
    const from = next ?? { time: first, rowid: FIRST };
    const found = rows.all(from.time, from.rowid, end.time, end.rowid, left) as StoredValues[];
    for (const row of found) {
      left--;
      if (!await take(storedRecord(record, row))) return;
    }
    if (next === undefined) return;
    end = next;
  }
}

/**
 * Reads flows in the order of time.
 *
 * @param conditions Conditions, for each of which the flows are read.
 * @param path The database, for the error.
 * @throws {OutputError} If the time limit is reached.
 */
export function readFlows(
  database: DatabaseSync,
  table: string,
  conditions: readonly string[],
  timeoutMs: number,
  take: (flow: StructuredFlow) => void,
  path: string,
): void {
  const endMs = performance.now() + timeoutMs;
  for (const condition of conditions) {
    const statement = database.prepare(
      `SELECT ${columnsOf(FLOWS)} FROM ${quoted(table)} WHERE ${condition} ORDER BY time`,
    );
    statement.setReadBigInts(true);
    for (const row of statement.iterate()) {
      if (performance.now() > endMs) throw tooSlow(path, timeoutMs);
      take(storedFlow(row as StoredValues));
    }
  }
}

/** Returns the columns that records are made from. */
function columnsOf({ columns }: RecordTable): string {
  return readColumns(columns).map(([name]) => quoted(name)).join(", ");
}

function prepare(
  database: DatabaseSync,
  record: RecordTable,
  table: string,
  condition: string | undefined,
): { slice: StatementSync; rows: StatementSync } {
  const columns = columnsOf(record);
  const order = "ORDER BY time DESC, rowid DESC LIMIT ?";
  const slice = database.prepare(
    `SELECT time, rowid FROM ${quoted(table)} WHERE (time, rowid) < (?, ?) AND time >= ? ` +
      `${order.replace("?", "1")} OFFSET ?`,
  );
  const rows = database.prepare(
    `SELECT ${columns} FROM ${quoted(table)} WHERE (time, rowid) >= (?, ?) AND ` +
      `(time, rowid) < (?, ?)${condition === undefined ? "" : ` AND (${condition})`} ${order}`,
  );
  // Times may be beyond what a number holds.
  for (const statement of [slice, rows]) statement.setReadBigInts(true);
  return { slice, rows };
}

function micros(timeMs: number): bigint {
  return BigInt(timeMs) * 1000n;
}
