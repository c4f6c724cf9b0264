/** SQL statements that create the table, version by version, and load into it. */

import { SPOOLS, TABLES } from "../table/name.ts";
import type { RecordTable, TableKind } from "../table/record_table.ts";
import { textView } from "../table/text_view.ts";
import type { View } from "../table/view.ts";
import { ulog1View } from "../table/views.ts";
import { dialect, TYPES, UNREADABLE } from "./dialect.ts";

/** Returns the beginning of the comment of a table that nfscribe created. */
export function madeOf({ records }: RecordTable): string {
  return `${records} that nfscribe logged`;
}

/** Table options: text is compared by its bytes, and rows and positions change together. */
const OPTIONS = "ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

/**
 * Migrations of a table from nothing to the newest version; a released one never changes. A
 * statement commits by itself, so each can be run again.
 */
const STEPS: Readonly<
  Record<TableKind, readonly ((record: RecordTable, table: string) => string[])[]>
> = { packet: [makeTable], flow: [makeTable], counter: [makeTable] };

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
ON DUPLICATE KEY UPDATE version = VALUES(version)`,
  ];
}

/** Returns all statements that create tables, as one script for mysql. */
export function schemaScript(tables: readonly (readonly [RecordTable, string])[]): string {
  const made = tables.flatMap(([record, table]) => statements(record, table, 0));
  return `${made.join(";\n\n")};\n`;
}

/** Returns the names of a table's columns in SQL. */
export function columnList({ columns }: RecordTable): string {
  return columns.map(([name]) => quoted(name)).join(", ");
}

/** Returns the statement that loads lines from this side; text stands for itself, byte by byte. */
export function loadStatement(record: RecordTable, table: string): string {
  const columns = record.columns.map(([name, type]) => type === "json" ? `@${name}` : quoted(name));
  const texts = record.columns.filter(([, type]) => type === "json")
    // MySQL makes no JSON of bytes.
    .map(([name]) => `${quoted(name)} = CONVERT(@${name} USING utf8mb4)`);
  return `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${quoted(table)} CHARACTER SET binary ` +
    String.raw`FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' ` +
    `(${columns.join(", ")}) SET ${texts.join(", ")}`;
}

/** Returns the names of a table's views. */
export function viewNames(record: RecordTable, table: string): string[] {
  return allViews(record, table).map(({ name }) => name);
}

/** Quotes an identifier for SQL. */
export function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** Quotes text for SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}

/** Returns the name and the bound of the partition of a day, in days since the Unix epoch. */
export function partitionOf(day: number): { name: string; bound: string } {
  const date = (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10);
  return { name: `p${date(day).replaceAll("-", "")}`, bound: date(day + 1) };
}

/** Name of the partition of days that have none yet. */
export const LATER = "later";

function makeTable(record: RecordTable, table: string): string[] {
  const columns = record.columns.map(([name, type, description]) => {
    const required = name === "time" ? " NOT NULL" : "";
    return `  ${quoted(name)} ${TYPES[type]}${required} COMMENT ${literal(description)}`;
  });
  const keys = [["time"], ...record.indexes.map(({ columns }) => columns)]
    .map((columns) => `  KEY (${columns.map(quoted).join(", ")})`);
  return [
    `CREATE TABLE IF NOT EXISTS ${TABLES} (
  name VARCHAR(64) PRIMARY KEY,
  version INT NOT NULL
) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${SPOOLS} (
  spool CHAR(36) CHARACTER SET ascii,
  table_name VARCHAR(64),
  \`position\` BIGINT NOT NULL,
  \`rows\` BIGINT NOT NULL,
  host TEXT,
  updated TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (spool, table_name)
) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${quoted(table)} (
${[...columns, ...keys].join(",\n")}
) ${OPTIONS} COMMENT ${literal(`${madeOf(record)}, a row each; a partition each UTC day`)}
PARTITION BY RANGE COLUMNS (\`time\`) (PARTITION ${LATER} VALUES LESS THAN (MAXVALUE))`,
    ...allViews(record, table).map(({ name, query }) =>
      `CREATE OR REPLACE SQL SECURITY INVOKER VIEW ${quoted(name)} AS\n${query}`
    ),
  ];
}

function allViews(record: RecordTable, table: string): View[] {
  const viewed = { name: table, quoted: quoted(table) };
  return [
    textView(record, viewed, dialect, UNREADABLE),
    ...record.views(viewed, dialect),
    ...record.kind === "packet" ? [ulog1View(viewed, dialect)] : [],
  ];
}
