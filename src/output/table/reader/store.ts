/** Interface of a database for the reader of its tables. */

import type { SqlDialect } from "../../../filter/expression/sql/dialect.ts";
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

/** Returns the number of rows and their times as they were counted; nothing where they were not. */
export async function countedSummary(
  store: Store,
  { counts }: StoreTable,
  untilMs: number,
  signal: AbortSignal,
): Promise<Omit<KindSummary, "kind">> {
  if (counts === undefined) return {};
  const { dialect } = store;
  const get = async (expression: string, step: number) => {
    const query = `SELECT ${expression} FROM ${counts} AS record WHERE step = ${step}`;
    return (await store.rows(query, untilMs, signal))[0]!;
  };
  const { count } = await get("sum(records) AS count", 86_400);
  const [oldest, newest] = [
    await get(dialect.timeColumn("min(start)"), 60),
    await get(dialect.timeColumn("max(start)"), 60),
  ];
  if (oldest.time === null || newest.time === null) return { rows: 0 };
  return {
    rows: numberOf(count),
    oldestMs: msOf(microsOf(oldest.time)),
    newestMs: msOf(microsOf(newest.time)),
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
