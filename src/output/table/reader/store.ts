/** Interface of a database for the reader of its tables. */

import type { SqlDialect } from "../../../filter/expression/sql/dialect.ts";
import { missing } from "../migration.ts";
import type { NatAnswer, NatQuestion } from "../nat_question.ts";
import type { Column, ColumnType } from "../columns.ts";
import type { Budget, Cursor, KindSummary } from "../reading.ts";
import type { RecordTable, TableKind } from "../record_table.ts";
import type { StoredValue, StoredValues } from "../stored_values.ts";
import { microsOf, msOf } from "./micros.ts";

/** A table that there is. */
export interface StoreTable {
  record: RecordTable;
  /** Its name in SQL. */
  quoted: string;
  /** Name of the table with its counts in SQL; undefined where there is none. */
  counts: string | undefined;
}

/** SQL of a database for reading. */
export interface ReadingDialect {
  /** SQL of expressions. */
  conditions: SqlDialect;
  /** Returns a column as the records are made from it. */
  column(column: Column): string;
  /** Returns the expression of a time, named `time`, as `microsOf` reads it. */
  timeColumn(expression: string): string;
  /** Returns the literal of a time in microseconds since the Unix epoch. */
  time(micros: bigint): string;
  /** Returns the number of whole intervals from a moment to a time, both in microseconds. */
  interval(column: string, from: bigint, length: bigint): string;
  /** Returns the sum of whole numbers, however large. */
  sum(expression: string): string;
  /** Returns a text that is the same as another one only if all of its characters are. */
  exact(expression: string): string;
  /** Expressions that tell rows of the same time apart, the newest last; `record` is the table. */
  order(record: RecordTable): readonly string[];
  /** Further expressions of a row's address, with their names. */
  address: readonly string[];
  /** Returns the address of a row that was read with `address`. */
  idOf(row: StoredValues): string;
  /** Returns the condition of rows that may have an address; undefined for none. */
  isAt(id: string): string | undefined;
}

/** Error of a query that took longer than it may. */
export class SlowQueryError extends Error {
  override readonly name = "SlowQueryError";
}

/** A database, over one connection that cannot write. */
export interface Store extends AsyncDisposable {
  /** The database, for messages. */
  readonly where: string;
  readonly dialect: ReadingDialect;
  /** Whether an index has the order of time, in which rows can be counted off. */
  readonly isOrdered: boolean;
  /** Looks again for the tables that there are. */
  look(untilMs: number, signal: AbortSignal): Promise<void>;
  /** Table of losses in SQL; undefined where there is none. */
  readonly losses: string | undefined;
  /** Tables that there are. */
  table(kind: TableKind): StoreTable | undefined;
  /**
   * Runs a query.
   *
   * @param untilMs Time at which it must be done, by `performance.now()`.
   * @throws {SlowQueryError} If it is not.
   * @throws {OutputError} If the database refuses.
   * @throws The signal's reason.
   */
  rows(query: string, untilMs: number, signal: AbortSignal): Promise<StoredValues[]>;
  /** Reads rows in the order of arrival, as `StoreReader.arrived` says. */
  arrived(
    table: StoreTable,
    query: ArrivalQuery,
    after: Cursor | undefined,
    budget: Budget,
  ): Promise<{ rows: StoredValues[]; after: Cursor; skipped: number }>;
  /**
   * Counts the values of columns in one pass over the rows.
   *
   * @returns Rows of a column's number as `list`, a `value`, `records` and `bytes`; those of column -1
   *   are all rows.
   */
  tally(query: TallyQuery, untilMs: number, signal: AbortSignal): Promise<StoredValues[]>;
  /** Looks at a table, without counting its rows one by one. */
  summary(table: StoreTable, untilMs: number, signal: AbortSignal): Promise<KindSummary>;
  /** Returns the hosts that have written rows. */
  hosts(untilMs: number, signal: AbortSignal): Promise<string[]>;
  /** Answers a question about translations. */
  translations(question: NatQuestion): Promise<NatAnswer>;
}

/** A query for rows that have arrived. */
export interface ArrivalQuery {
  /** Columns in SQL. */
  columns: string;
  /** Condition; `TRUE` for all. */
  condition: string;
  /** Most rows. */
  limit: number;
}

/** Columns whose values are counted. */
export interface TallyQuery {
  /** Columns in SQL, and the types of their values. */
  columns: readonly (readonly [sql: string, type: ColumnType])[];
  /** Bytes of a row in SQL. */
  bytes: string;
  /** The table and the condition. */
  from: string;
}

/** Returns the expression of a row's columns, with its address. */
export function columnsOf(
  { dialect }: Pick<Store, "dialect">,
  { record }: StoreTable,
  withBytes: boolean,
): string {
  const columns = record.columns.filter(([, type]) => withBytes || type !== "bytes");
  return [...columns.map((column) => dialect.column(column)), ...dialect.address].join(", ");
}

/** Returns a number that a database has counted. */
export function numberOf(value: StoredValue | undefined): number {
  return Number(value ?? 0);
}

/** Time of a look at a server's catalog, in milliseconds. */
const LOOK_MS = 10_000;

/**
 * Looks for the tables of a server that was connected to; closes the connection where that fails.
 *
 * @param packets Name of the table of packets.
 * @param mayWrite Returns whether the server's user could write.
 * @throws {OutputError} If there is no table of packets.
 */
export async function openedServer<Server extends Store>(
  store: Server,
  packets: string,
  mayWrite: (ask: (query: string) => Promise<StoredValues[]>) => Promise<boolean>,
): Promise<{ store: Server; mayWrite: boolean }> {
  const { signal } = new AbortController();
  const untilMs = performance.now() + LOOK_MS;
  try {
    await store.look(untilMs, signal);
    if (store.table("packet") === undefined) throw missing(store.where, packets);
    return { store, mayWrite: await mayWrite((query) => store.rows(query, untilMs, signal)) };
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Looks at a table of a server: its counts tell how many rows it has, and their times.
 *
 * @param sizeQuery Query of its `bytes`, and of the server's guess of its rows as `count`.
 */
export async function serverSummary(
  store: Store,
  { record, counts }: StoreTable,
  sizeQuery: string,
  untilMs: number,
  signal: AbortSignal,
): Promise<KindSummary> {
  const get = async (query: string) => (await store.rows(query, untilMs, signal))[0]!;
  const size = await get(sizeQuery);
  const { kind } = record;
  const bytes = numberOf(size.bytes);
  if (counts === undefined) return { kind, rows: numberOf(size.count), bytes };
  const counted = (expression: string, step: number) =>
    get(`SELECT ${expression} FROM ${counts} AS record WHERE step = ${step}`);
  const { timeColumn } = store.dialect;
  const { count } = await counted("sum(records) AS count", 86_400);
  const [oldest, newest] = [
    await counted(timeColumn("min(start)"), 60),
    await counted(timeColumn("max(start)"), 60),
  ];
  return {
    kind,
    rows: numberOf(count),
    bytes,
    ...oldest.time !== null && { oldestMs: msOf(microsOf(oldest.time)) },
    ...newest.time !== null && { newestMs: msOf(microsOf(newest.time)) },
  };
}

/** Returns the hosts that have written rows. */
export async function hostsIn(
  store: Store,
  spools: string,
  untilMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const rows = await store.rows(
    `SELECT DISTINCT host FROM ${spools} WHERE host IS NOT NULL ORDER BY host`,
    untilMs,
    signal,
  );
  return rows.map(({ host }) => String(host));
}
