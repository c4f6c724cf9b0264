/** Reads records of a table, the newest first. */

import { ETH_P_IPV6 } from "../../packet/ether_types.ts";
import type { Question } from "../define.ts";
import type { StructuredFlow } from "../../flow/structured.ts";
import type { ColumnType } from "../table/columns.ts";
import { FLOWS } from "../table/flows.ts";
import { missing } from "../table/migration.ts";
import type { RecordTable } from "../table/record_table.ts";
import { storedFlow } from "../table/stored_flow.ts";
import { type StoredRecord, storedRecord } from "../table/stored_record.ts";
import { readColumns, type StoredValue, type StoredValues } from "../table/stored_values.ts";
import { tooSlow } from "../table/time_limit.ts";
import type { Client, Row, StatementSettings } from "./client.ts";
import { MICROS } from "./dialect.ts";
import { findTable, type FoundTable } from "./migrate.ts";
import { quoted, timeOf } from "./schema.ts";
import type { TableForm } from "./stored_columns.ts";

/** `TIMEOUT_EXCEEDED` */
const TIMEOUT = "159";
/** First 12 bytes of IPv4 addresses among those of IPv6, in hexadecimal. */
const MAPPED = /^00000000000000000000FFFF/;

/**
 * Reads records.
 *
 * @param condition Condition of `WHERE`; undefined for all rows.
 * @param where The database, for the error.
 * @throws {OutputError} If the table is missing, or the time limit is reached.
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
  const form = await found(client, record, table, where);
  const rows = read(client, selection(form, condition, question), question.timeoutMs, where);
  for await (const row of rows) {
    if (!await take(storedRecord(record, valuesOf(record, row)))) return;
  }
}

/**
 * Reads flows in the order of time.
 *
 * @param conditions Conditions, for each of which the flows are read.
 * @param where The database, for the error.
 * @throws {OutputError} If the table is missing, or the time limit is reached.
 */
export async function readFlows(
  client: Client,
  table: string,
  conditions: readonly string[],
  timeoutMs: number,
  take: (flow: StructuredFlow) => void,
  where: string,
): Promise<void> {
  const form = await found(client, FLOWS, table, where);
  for (const condition of conditions) {
    const query = `${select(form)} WHERE ${condition} ORDER BY ${orderOf(form, "")}`;
    for await (const row of read(client, query, timeoutMs, where)) {
      take(storedFlow(valuesOf(FLOWS, row)));
    }
  }
}

/** Finds a table, which must be there. */
async function found(
  client: Client,
  record: RecordTable,
  table: string,
  where: string,
): Promise<FoundTable> {
  const found = await findTable(client, record, table);
  if (found.version === 0) throw missing(where, table);
  return found;
}

/** Reads rows in a query that changes nothing, within a time limit. */
async function* read(
  client: Client,
  query: string,
  timeoutMs: number,
  where: string,
): AsyncGenerator<Row> {
  try {
    yield* client.stream(query, await readSettings(client, timeoutMs));
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw tooSlow(where, timeoutMs, error);
  }
}

/** Returns whether an error is that of a time limit. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === TIMEOUT;
}

/** Returns settings of a query that changes nothing; users who may change none cannot set a limit either. */
export async function readSettings(client: Client, timeoutMs: number): Promise<StatementSettings> {
  const [row] = await client.rows("SELECT value FROM system.settings WHERE name = 'readonly'");
  if (row?.value === "1") return {};
  return { readonly: 2, max_execution_time: Math.ceil(timeoutMs / 1000) };
}

function selection(
  form: TableForm,
  condition: string | undefined,
  { sinceMs, untilMs, limit }: Question,
): string {
  const { record, isModern } = form;
  const conditions = [
    ...sinceMs === undefined ? [] : [since(sinceMs, isModern)],
    ...untilMs === undefined ? [] : [`NOT ${since(untilMs, isModern)}`],
    ...condition === undefined ? [] : [`(${condition})`],
  ];
  const filter = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  return `${select(form)}${filter} ORDER BY ${orderOf(form, " DESC")}, ` +
    `${record.order} DESC LIMIT ${limit}`;
}

/** Returns the beginning of a query of the columns that records are made from. */
function select({ record, table, isModern }: TableForm): string {
  const columns = readColumns(record.columns).map(([name, type]) =>
    `${expressionOf(name, type, isModern)} AS ${quoted(`read_${name}`)}`
  );
  return `SELECT ${columns.join(", ")} FROM ${quoted(table)}`;
}

function orderOf({ isModern }: TableForm, way: "" | " DESC"): string {
  return isModern ? `time${way}` : `time${way}, time${MICROS}${way}`;
}

/** Returns a column as an expression whose value survives JSON. */
function expressionOf(name: string, type: ColumnType, isModern: boolean): string {
  switch (type) {
    case "time":
      return `toString(${microsOf(name, isModern)})`;
    case "address":
    case "mac":
      return `hex(${name})`;
    case "uuid":
      return `toString(${name})`;
    default:
      return quoted(name);
  }
}

/** Returns a time in microseconds since the Unix epoch. */
export function microsOf(column: string, isModern: boolean): string {
  return isModern
    ? `toUnixTimestamp64Micro(${column})`
    : `toInt64(toUInt32(${column})) * 1000000 + ${column}${MICROS}`;
}

/** Returns the condition of being at a time or later. */
function since(timeMs: number, isModern: boolean): string {
  const seconds = Math.floor(timeMs / 1000);
  const micros = (timeMs - seconds * 1000) * 1000;
  const second = timeOf(seconds, isModern);
  // The first part is found in the table's order.
  return isModern
    ? `(time >= ${second} AND toUnixTimestamp64Micro(time) >= ${timeMs * 1000})`
    : `(time >= ${second} AND (time > ${second} OR time${MICROS} >= ${micros}))`;
}

/** Returns the values of a row as those of other databases. */
function valuesOf({ columns }: RecordTable, row: Row): StoredValues {
  return Object.fromEntries(
    readColumns(columns).map(([name, type]) => {
      return [name, valueOf(row[`read_${name}`] ?? null, type, row.read_ethertype === ETH_P_IPV6)];
    }),
  );
}

function valueOf(
  value: string | number | null,
  type: ColumnType,
  isIpv6: boolean,
): StoredValue {
  if (value === null) return null;
  switch (type) {
    case "time":
      return Number(value);
    case "address":
      return Uint8Array.fromHex(isIpv6 ? String(value) : String(value).replace(MAPPED, ""));
    case "mac":
      return Uint8Array.fromHex(String(value));
    default:
      return value;
  }
}
