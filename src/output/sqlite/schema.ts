/** SQL statements that create the table, version by version, and write to it. */

import { COLUMNS } from "../table/columns.ts";
import { SPOOLS, TABLES } from "../table/name.ts";
import { textView, ulog1View, type View, viewsOf } from "../table/views.ts";
import { dialect, TYPES, UNREADABLE } from "./dialect.ts";

/** Migrations from nothing to the newest version; a released one never changes. */
const STEPS: readonly ((table: string) => string[])[] = [makeTable];

/** The current version. */
export const VERSION: number = STEPS.length;

/**
 * Returns the statements from one version to the newest.
 *
 * @param from The present version; 0 for none.
 */
export function statements(table: string, from: number): string[] {
  return [
    ...STEPS.slice(from).flatMap((step) => step(table)),
    `INSERT INTO ${TABLES} (name, version) VALUES ('${table}', ${VERSION})
ON CONFLICT (name) DO UPDATE SET version = excluded.version`,
  ];
}

/** Returns all statements that create a table, as one script for sqlite3. */
export function schemaScript(table: string): string {
  const settings = ["PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA journal_mode = WAL"];
  return `${[...settings, "BEGIN", ...statements(table, 0), "COMMIT"].join(";\n\n")};\n`;
}

/** Returns the statement that inserts rows with values of some columns, by their index. */
export function insertStatement(table: string, rows: number, columns: readonly number[]): string {
  const row = `(${columns.map(() => "?").join(", ")})`;
  const names = columns.map((column) => quoted(COLUMNS[column]![0])).join(", ");
  return `INSERT INTO ${quoted(table)} (${names}) VALUES ${Array(rows).fill(row).join(", ")}`;
}

/** Returns the statements of indexes for a search by address. */
export function addressIndexes(table: string): { name: string; statement: string }[] {
  return ["source_address", "destination_address"].map((column) => {
    const name = `${table}_${column}`;
    return { name, statement: `CREATE INDEX ${quoted(name)} ON ${quoted(table)} (${column})` };
  });
}

/** Quotes an identifier for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function makeTable(table: string): string[] {
  const columns = COLUMNS.map(([name, type, description], index) =>
    `  ${quoted(name)} ${TYPES[type]}${name === "time" ? " NOT NULL" : ""}` +
    `${index < COLUMNS.length - 1 ? "," : ""} -- ${description}`
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
    ...allViews(table).map(({ name, description, query }) =>
      `CREATE VIEW ${quoted(name)} AS\n-- ${description}\n${query}`
    ),
  ];
}

function allViews(table: string): View[] {
  const viewed = { name: table, quoted: quoted(table) };
  return [
    // The number of the row leads from conditions on the table to what is shown.
    textView(viewed, dialect, UNREADABLE, ["  rowid AS id"]),
    ...viewsOf(viewed, dialect),
    ulog1View(viewed, dialect),
  ];
}
