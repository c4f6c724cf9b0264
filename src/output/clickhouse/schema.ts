/** SQL statements that create tables, version by version, and insert into them. */

import { TABLES } from "../table/name.ts";
import type { RecordTable, TableKind } from "../table/record_table.ts";
import { textView } from "../table/text_view.ts";
import type { View } from "../table/view.ts";
import { ulog1View } from "../table/views.ts";
import { dialectOf, MICROS, UNREADABLE } from "./dialect.ts";
import { storedColumns, type TableForm } from "./stored_columns.ts";

/** Codecs of columns that grow from row to row. */
const CODECS: Readonly<Record<string, string>> = { time: "Delta, LZ4", seq: "Delta, LZ4" };

/** Settings of a table. */
const SETTINGS = [
  // An insert that comes again soon is recognised by its token, too.
  "non_replicated_deduplication_window = 1000",
  // Rows that were answered for last a power failure.
  "fsync_after_insert = 1",
  "fsync_part_directory = 1",
];

/**
 * Migrations of a table from nothing to the newest version; a released one never changes. Each
 * statement can be run again.
 */
const STEPS: Readonly<Record<TableKind, readonly ((form: TableForm) => string[])[]>> = {
  packet: [makeTable],
  flow: [makeTable],
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
export function statements(form: TableForm, from: number): string[] {
  const { record, table } = form;
  return [
    ...STEPS[record.kind].slice(from).flatMap((step) => step(form)),
    `INSERT INTO ${TABLES} (name, version) VALUES ('${table}', ${newestOf(record)})`,
  ];
}

/** Returns all statements that create tables on a modern server, as one script. */
export function schemaScript(tables: readonly (readonly [RecordTable, string])[]): string {
  const made = tables.flatMap(([record, table]) =>
    statements({ record, table, isModern: true }, 0)
  );
  return `${made.join(";\n\n")};\n`;
}

/** Returns the statement that inserts rows. */
export function insertStatement(form: TableForm): string {
  const columns = storedColumns(form).map(({ name }) => quoted(name));
  return `INSERT INTO ${quoted(form.table)} (${columns.join(", ")}) FORMAT Native`;
}

/** Returns the names of a table's views. */
export function viewNames(record: RecordTable, table: string): string[] {
  return allViews({ record, table, isModern: true }).map(({ name }) => name);
}

/** Quotes an identifier for SQL. */
export function quoted(name: string): string {
  return `\`${name.replaceAll(/[`\\]/g, "\\$&")}\``;
}

/** Quotes text for SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}

/** Last second of `DateTime` that all servers can tell: 2105-12-31 23:59:59. */
export const LAST_SECOND = 4_291_747_199;

/** Returns a time in whole seconds since the Unix epoch as a value to compare `time` with. */
export function timeOf(seconds: number, isModern: boolean): string {
  return isModern
    ? `toDateTime64(${seconds}, 6, 'UTC')`
    : `toDateTime(${Math.min(seconds, LAST_SECOND)}, 'UTC')`;
}

function makeTable(form: TableForm): string[] {
  const { record, table, isModern } = form;
  const lines = storedColumns(form).map(({ name, type, description }) => {
    const codec = isModern && CODECS[name] !== undefined ? ` CODEC(${CODECS[name]})` : "";
    return `  ${quoted(name)} ${type} COMMENT ${literal(description)}${codec}`;
  });
  const indexes = record.indexes.map(({ name, columns: [column] }) =>
    `  INDEX ${name} ${column} TYPE bloom_filter GRANULARITY 4`
  );
  const order = isModern ? "time" : `(time, time${MICROS})`;
  return [
    `CREATE TABLE IF NOT EXISTS ${TABLES} (
  name String,
  version UInt32
) ENGINE = MergeTree ORDER BY name`,
    `CREATE TABLE IF NOT EXISTS ${quoted(table)} (
${[...lines, ...isModern ? indexes : []].join(",\n")}
) ENGINE = MergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY ${order}${isModern ? `\nSETTINGS ${SETTINGS.join(", ")}` : ""}`,
    ...allViews(form).map(({ name, query }) =>
      `CREATE VIEW IF NOT EXISTS ${quoted(name)} AS\n${query}`
    ),
  ];
}

function allViews(form: TableForm): View[] {
  const { record, table, isModern } = form;
  const viewed = { name: table, quoted: quoted(table) };
  const dialect = dialectOf(record.kind, isModern);
  const micros = storedColumns(form).map(({ name }) => name).filter((name) =>
    name.endsWith(MICROS)
  );
  return [
    textView(record, viewed, dialect, UNREADABLE, micros.map((name) => `  ${name}`)),
    ...record.views(viewed, dialect),
    ...record.kind === "packet" ? [ulog1View(viewed, dialect)] : [],
  ];
}
