/** Reads records of a table, the newest first. */

import type { Question } from "../define.ts";
import type { StructuredFlow } from "../../flow/structured.ts";
import { FLOWS } from "../table/flows.ts";
import type { RecordTable } from "../table/record_table.ts";
import { storedFlow } from "../table/stored_flow.ts";
import { type StoredRecord, storedRecord } from "../table/stored_record.ts";
import { readColumns, type StoredValues } from "../table/stored_values.ts";
import { tooSlow } from "../table/time_limit.ts";
import type { Client } from "./client.ts";
import { quoted } from "./schema.ts";

/** Errors of a statement that took too long: MariaDB's `ER_STATEMENT_TIMEOUT`, MySQL's `ER_QUERY_TIMEOUT`. */
const TIMEOUTS: readonly unknown[] = [1969, 3024];

/**
 * Reads records in a session that changes nothing.
 *
 * @param condition Condition of `WHERE`; undefined for all rows.
 * @param where The database, for the error.
 * @throws {OutputError} If the time limit is reached.
 */
export async function readRecords(
  client: Client,
  record: RecordTable,
  table: string,
  condition: string | undefined,
  question: Question,
  take: (record: StoredRecord) => Promise<boolean>,
  where: string,
): Promise<void> {
  await reading(client, question.timeoutMs, where, async () => {
    const rows = client.stream(selection(record, table, condition, question));
    for await (const row of rows) {
      if (!await take(storedRecord(record, row as StoredValues))) return;
    }
  });
}

/**
 * Reads flows in the order of time, in a session that changes nothing.
 *
 * @param conditions Conditions, for each of which the flows are read.
 * @param where The database, for the error.
 * @throws {OutputError} If the time limit is reached.
 */
export async function readFlows(
  client: Client,
  table: string,
  conditions: readonly string[],
  timeoutMs: number,
  take: (flow: StructuredFlow) => void,
  where: string,
): Promise<void> {
  await reading(client, timeoutMs, where, async () => {
    for (const condition of conditions) {
      const query = `SELECT ${columnsOf(FLOWS)} FROM ${quoted(table)} WHERE ${condition} ` +
        "ORDER BY `time`";
      for await (const row of client.stream(query)) take(storedFlow(row as StoredValues));
    }
  });
}

/** Reads in a session that changes nothing, within a time limit. */
async function reading(
  client: Client,
  timeoutMs: number,
  where: string,
  read: () => Promise<void>,
): Promise<void> {
  await client.run("SET SESSION TRANSACTION READ ONLY");
  await limitTime(client, timeoutMs);
  try {
    await read();
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw tooSlow(where, timeoutMs, error);
  }
}

/** Returns whether an error is that of a time limit. */
export function isTimeout(error: unknown): boolean {
  return TIMEOUTS.includes((error as { errno?: unknown }).errno);
}

/** Limits the time of statements, in which MariaDB and MySQL differ. */
export async function limitTime(client: Client, timeoutMs: number): Promise<void> {
  const [row] = await client.rows("SELECT VERSION() AS version");
  const isMariaDb = String(row?.version).includes("MariaDB");
  await client.run(
    isMariaDb
      ? `SET SESSION max_statement_time = ${timeoutMs / 1000}`
      : `SET SESSION max_execution_time = ${Math.ceil(timeoutMs)}`,
  );
}

/** Returns the columns that records are made from. */
function columnsOf({ columns }: RecordTable): string {
  return readColumns(columns).map(([name, type]) =>
    // MySQL's JSON would be parsed, and its numbers changed.
    type === "json" ? `CAST(${quoted(name)} AS CHAR) AS ${quoted(name)}` : quoted(name)
  ).join(", ");
}

function selection(
  record: RecordTable,
  table: string,
  condition: string | undefined,
  { sinceMs, untilMs, limit }: Question,
): string {
  const conditions = [
    ...sinceMs === undefined ? [] : [`\`time\` >= ${literal(sinceMs)}`],
    ...untilMs === undefined ? [] : [`\`time\` < ${literal(untilMs)}`],
    ...condition === undefined ? [] : [`(${condition})`],
  ];
  const filter = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  return `SELECT ${columnsOf(record)} FROM ${quoted(table)}${filter}` +
    ` ORDER BY \`time\` DESC, ${record.order} DESC LIMIT ${limit}`;
}

function literal(timeMs: number): string {
  return `'${new Date(timeMs).toISOString().slice(0, -1).replace("T", " ")}'`;
}
