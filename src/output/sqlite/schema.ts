/** SQL statements that create the table, version by version, and write to it. */

import { COUNT_COLUMNS, COUNTS_SUFFIX, KEY_COLUMNS } from "../table/counts/counted.ts";
import { COUNT_NAMES, countAll } from "../table/counts/schema.ts";
import { LOSS_COLUMNS, LOSSES_SUFFIX } from "../table/losses.ts";
import { presentCondition, type RecordTable, type TableKind } from "../table/record_table.ts";
import { RECEIVED, SPOOLS, TABLES } from "../table/name.ts";
import { textView } from "../table/text_view.ts";
import type { View } from "../table/view.ts";
import { ulog1View } from "../table/views.ts";
import { dialect, TYPES, UNREADABLE } from "./dialect.ts";

/** Migrations of a table from nothing to the newest version; a released one never changes. */
const STEPS: Readonly<
  Record<TableKind, readonly ((record: RecordTable, table: string) => string[])[]>
> = {
  packet: [makeTable, makeCounts, (_, table) => makeLosses(table), makeReceived],
  flow: [makeTable, makeCounts],
  counter: [makeTable],
};

/** Returns the newest version of a table. */
export function newestOf({ kind }: RecordTable): number {
  return STEPS[kind].length;
}

/**
 * Returns the statements from one version to the newest.
 *
 * @param from The present version; 0 for none.
 */
export function statements(record: RecordTable, table: string, from: number): string[] {
  return [
    ...STEPS[record.kind].slice(from).flatMap((step) => step(record, table)),
    `INSERT INTO ${TABLES} (name, version) VALUES ('${table}', ${newestOf(record)})
ON CONFLICT (name) DO UPDATE SET version = excluded.version`,
  ];
}

/** Returns all statements that create tables, as one script for sqlite3. */
export function schemaScript(tables: readonly (readonly [RecordTable, string])[]): string {
  const settings = ["PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA journal_mode = WAL"];
  const made = tables.flatMap(([record, table]) => statements(record, table, 0));
  return `${[...settings, "BEGIN", ...made, "COMMIT"].join(";\n\n")};\n`;
}

/** Returns the statement that inserts rows with values of some columns, by their index. */
export function insertStatement(
  record: RecordTable,
  table: string,
  rows: number,
  columns: readonly number[],
): string {
  const row = `(${columns.map(() => "?").join(", ")})`;
  const names = columns.map((column) => quoted(record.columns[column]![0])).join(", ");
  return `INSERT INTO ${quoted(table)} (${names}) VALUES ${Array(rows).fill(row).join(", ")}`;
}

/** Returns the statements of indexes for a search by address. */
export function addressIndexes(
  { searched }: RecordTable,
  table: string,
): { name: string; statement: string }[] {
  return searched.map((column) => {
    const name = `${table}_${column}`;
    return { name, statement: `CREATE INDEX ${quoted(name)} ON ${quoted(table)} (${column})` };
  });
}

/** Quotes an identifier for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function makeTable(record: RecordTable, table: string): string[] {
  const columns = record.columns.map(([name, type, description], index) =>
    `  ${quoted(name)} ${TYPES[type]}${name === "time" ? " NOT NULL" : ""}` +
    `${index < record.columns.length - 1 ? "," : ""} -- ${description}`
  );
  return [
    `CREATE TABLE IF NOT EXISTS ${TABLES} (
  name TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT`,
    `CREATE TABLE IF NOT EXISTS ${SPOOLS} (
  spool TEXT,
  table_name TEXT,
  position INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  host TEXT,
  updated TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
  PRIMARY KEY (spool, table_name)
) STRICT`,
    // SQLite has no comments of columns, but it keeps the statement.
    `CREATE TABLE ${quoted(table)} (\n${columns.join("\n")}\n) STRICT`,
    `CREATE INDEX ${quoted(`${table}_time`)} ON ${quoted(table)} (time)`,
    ...record.indexes.map((index) =>
      `CREATE INDEX ${quoted(`${table}_${index.name}`)} ON ${quoted(table)} ` +
      `(${index.columns.join(", ")}) WHERE ${presentCondition(index)}`
    ),
    ...allViews(record, table).map(({ name, description, query }) =>
      `CREATE VIEW ${quoted(name)} AS\n-- ${description}\n${query}`
    ),
  ];
}

/** Makes the table with counts, of the rows that there are, too. */
function makeCounts(record: RecordTable, table: string): string[] {
  const counts = quoted(table + COUNTS_SUFFIX);
  const columns = COUNT_COLUMNS.map(([name, type, description]) =>
    `  ${name} ${type === "int16" ? "INTEGER" : TYPES[type]} NOT NULL, -- ${description}`
  );
  return [
    `CREATE TABLE ${counts} (
${columns.join("\n")}
  PRIMARY KEY (${KEY_COLUMNS.join(", ")})
) STRICT, WITHOUT ROWID`,
    ...countAll(record, quoted(table), counts, {
      start: (column, seconds) => `${column} - ${column} % ${seconds * 1_000_000}`,
      cut: (expression, most) => `substr(${expression}, 1, ${most})`,
    }),
  ];
}

function makeLosses(table: string): string[] {
  const losses = table + LOSSES_SUFFIX;
  const columns = LOSS_COLUMNS.map(([name, type, description], index) =>
    `  ${name} ${TYPES[type]} NOT NULL${
      index < LOSS_COLUMNS.length - 1 ? "," : ""
    } -- ${description}`
  );
  return [
    `CREATE TABLE ${quoted(losses)} (\n${columns.join("\n")}\n) STRICT`,
    `CREATE INDEX ${quoted(`${losses}_time`)} ON ${quoted(losses)} (time)`,
  ];
}

/** Makes the table of chunks that have arrived, which tables share. */
function makeReceived(): string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${RECEIVED} (
  table_name TEXT,
  session TEXT,
  lane TEXT,
  spans TEXT NOT NULL,
  updated TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
  PRIMARY KEY (table_name, session, lane)
) STRICT, WITHOUT ROWID`,
  ];
}

/** Returns the statement that adds a count. */
export function countStatement(table: string): string {
  return `INSERT INTO ${quoted(table + COUNTS_SUFFIX)} (${COUNT_NAMES.join(", ")})
VALUES (${COUNT_NAMES.map(() => "?").join(", ")})
ON CONFLICT (${KEY_COLUMNS.join(", ")}) DO UPDATE
SET records = records + excluded.records, bytes = bytes + excluded.bytes`;
}

/** Returns the statement that inserts a loss. */
export function lossStatement(table: string): string {
  return `INSERT INTO ${quoted(table + LOSSES_SUFFIX)} (time, host, capture, session, packets) ` +
    "VALUES (?, ?, ?, ?, ?)";
}

function allViews(record: RecordTable, table: string): View[] {
  const viewed = { name: table, quoted: quoted(table) };
  // The number of the row leads from conditions on the table to what is shown.
  const number = record.columns.some(([name]) => name === "id") ? "row_id" : "id";
  return [
    textView(record, viewed, dialect, UNREADABLE, [`  rowid AS ${number}`]),
    ...record.views(viewed, dialect),
    ...record.kind === "packet" ? [ulog1View(viewed, dialect)] : [],
  ];
}
