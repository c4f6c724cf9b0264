/** Reads records of a table, the newest first. */

import type { Question } from "../define.ts";
import type { StructuredFlow } from "../../flow/structured.ts";
import { FLOWS } from "../table/flows.ts";
import type { RecordTable } from "../table/record_table.ts";
import { storedFlow } from "../table/stored_flow.ts";
import { type StoredRecord, storedRecord } from "../table/stored_record.ts";
import { readColumns, type StoredValues } from "../table/stored_values.ts";
import { tooSlow } from "../table/time_limit.ts";
import type { Queries } from "./catalog.ts";
import type { Sql } from "./migrate.ts";
import { quoted, quotedName, type Table } from "./table.ts";

const HOUR_MS = 3_600_000;
/**
 * Ages in milliseconds at which the search goes on with older records: no index has the order of
 * time, and rows of a window are sorted.
 */
const AGES_MS: readonly number[] = [HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, 30 * 24 * HOUR_MS];
/** Rows that are fetched at once. */
const ROWS = 500;
/** SQLSTATE `query_canceled`. */
export const CANCELED = "57014";

/** Part of a time range: bounds in milliseconds since the Unix epoch, the upper one exclusive. */
interface Window {
  fromMs: number | undefined;
  toMs: number | undefined;
}

/** Divides a time range into windows, the newest first. */
function windowsOf(
  { sinceMs, untilMs }: Pick<Question, "sinceMs" | "untilMs">,
  nowMs: number,
): Window[] {
  const newest = Math.min(untilMs ?? nowMs, nowMs);
  const bounds = AGES_MS.map((ageMs) => newest - ageMs).filter((ms) => ms > (sinceMs ?? -Infinity));
  const edges = [untilMs, ...bounds, sinceMs];
  return edges.slice(1).map((fromMs, index) => ({ fromMs, toMs: edges[index] }));
}

/**
 * Reads records in transactions that change nothing.
 *
 * @param condition Condition of `WHERE`; undefined for all rows.
 * @param where The database, for the error.
 * @throws {OutputError} If the time limit is reached.
 */
export async function readRecords(
  sql: Sql,
  record: RecordTable,
  table: Table,
  condition: string | undefined,
  question: Question,
  take: (record: StoredRecord) => Promise<boolean>,
  where: string,
): Promise<void> {
  const endMs = performance.now() + question.timeoutMs;
  let left = question.limit;
  const takeRow = async (row: StoredValues) => {
    left = await take(storedRecord(record, row)) ? left - 1 : 0;
    return left > 0;
  };
  await limited(question.timeoutMs, where, async () => {
    for (const window of windowsOf(question, Date.now())) {
      const remainingMs = Math.ceil(endMs - performance.now());
      if (remainingMs <= 0) throw tooSlow(where, question.timeoutMs);
      const query = selection(record, table, condition, window, left);
      await sql.begin("READ ONLY", (own) => readRows(own, query, remainingMs, takeRow));
      if (left <= 0) return;
    }
  });
}

/**
 * Reads flows in the order of time, in transactions that change nothing.
 *
 * @param conditions Conditions, for each of which the flows are read.
 * @param where The database, for the error.
 * @throws {OutputError} If the time limit is reached.
 */
export async function readFlows(
  sql: Sql,
  table: Table,
  conditions: readonly string[],
  timeoutMs: number,
  take: (flow: StructuredFlow) => void,
  where: string,
): Promise<void> {
  const takeRow = (row: StoredValues) => {
    take(storedFlow(row));
    return Promise.resolve(true);
  };
  await limited(timeoutMs, where, async () => {
    for (const condition of conditions) {
      const query = `SELECT ${columnsOf(FLOWS)} FROM ${quoted(table)} AS record ` +
        `WHERE ${condition} ORDER BY record.time`;
      await sql.begin("READ ONLY", (own) => readRows(own, query, timeoutMs, takeRow));
    }
  });
}

/** Does work whose time is limited; explains the server's error. */
async function limited(
  timeoutMs: number,
  where: string,
  read: () => Promise<void>,
): Promise<void> {
  try {
    await read();
  } catch (error) {
    if ((error as { code?: unknown }).code !== CANCELED) throw error;
    throw tooSlow(where, timeoutMs, error);
  }
}

/** Reads rows until no more are wanted. */
async function readRows(
  sql: Queries,
  query: string,
  timeoutMs: number,
  take: (row: StoredValues) => Promise<boolean>,
): Promise<void> {
  // A pager may hold the reader up. Compiling a query takes longer than finding a few rows by an index.
  await sql.unsafe(
    `SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL jit = off; ` +
      "SET LOCAL idle_in_transaction_session_timeout = 0",
  );
  await sql.unsafe(`DECLARE record NO SCROLL CURSOR FOR ${query}`);
  for (let rows: readonly StoredValues[] = [{}]; rows.length > 0;) {
    rows = await sql.unsafe<StoredValues[]>(`FETCH ${ROWS} FROM record`);
    for (const row of rows) {
      if (!await take(row)) return;
    }
  }
}

/** Returns the columns that records are made from. */
function columnsOf({ columns }: RecordTable): string {
  return readColumns(columns).map(([name, type]) =>
    // The client would cut times to milliseconds, and change numbers in JSON.
    type === "time" || type === "json"
      ? `${quotedName(name)}::text AS ${quotedName(name)}`
      : quotedName(name)
  ).join(", ");
}

function selection(
  record: RecordTable,
  table: Table,
  condition: string | undefined,
  { fromMs, toMs }: Window,
  limit: number,
): string {
  const conditions = [
    ...fromMs === undefined ? [] : [`record.time >= ${literal(fromMs)}`],
    ...toMs === undefined ? [] : [`record.time < ${literal(toMs)}`],
    ...condition === undefined ? [] : [`(${condition})`],
  ];
  const filter = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  return `SELECT ${columnsOf(record)} FROM ${quoted(table)} AS record${filter}` +
    ` ORDER BY record.time DESC, record.${record.order} DESC LIMIT ${limit}`;
}

function literal(timeMs: number): string {
  return `timestamptz '${new Date(timeMs).toISOString()}'`;
}
