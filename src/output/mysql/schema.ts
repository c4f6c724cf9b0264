/** SQL statements that create the table, version by version, and load into it. */

import { COUNT_COLUMNS, COUNTS_SUFFIX, KEY_COLUMNS, TEXT_MOST } from "../table/counts/counted.ts";
import { countAll } from "../table/counts/schema.ts";
import { LOSS_COLUMNS, LOSSES_SUFFIX } from "../table/losses.ts";
import { RECEIVED, SPOOLS, TABLES } from "../table/name.ts";
import type { RecordTable, TableKind } from "../table/record_table.ts";
import { textView } from "../table/text_view.ts";
import type { View } from "../table/view.ts";
import { ulog1View } from "../table/views.ts";
import { LANE_MOST } from "../../record/origin.ts";
import { dialect, TYPES, UNREADABLE } from "./dialect.ts";

/** Returns the beginning of the comment of a table that nfscribe created. */
export function madeOf({ records }: RecordTable): string {
  return `${records} that nfscribe logged`;
}

/**
 * Collation of text in keys: elsewhere blanks at the end do not count, and prefixes end with one. MariaDB and
 * MySQL each read the comment that is theirs.
 */
const EXACT = "/*M! COLLATE utf8mb4_nopad_bin */ /*!80000 COLLATE utf8mb4_0900_bin */";

/** Table options: text is compared by its bytes, and rows and positions change together. */
const OPTIONS = "ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

/**
 * Migrations of a table from nothing to the newest version; a released one never changes. A
 * statement commits by itself, so each can be run again.
 */
const STEPS: Readonly<
  Record<TableKind, readonly ((record: RecordTable, table: string) => string[])[]>
> = {
  packet: [makeTable, makeCounts, (_, table) => makeLosses(table), makeReceived],
  flow: [makeTable, makeCounts],
  counter: [makeTable],
};

/**
 * Versions from which on a table has its counts, and that of packets losses and received chunks, beside it. Rows can
 * be written to older ones.
 */
export const [COUNTED_SINCE, LOSSES_SINCE, RECEIVED_SINCE] = [2, 3, 4];

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

/** Makes the table with counts, of the rows that there are, too. */
function makeCounts(record: RecordTable, table: string): string[] {
  const counts = quoted(table + COUNTS_SUFFIX);
  const columns = COUNT_COLUMNS.map(([name, type, description]) =>
    `  ${quoted(name)} ${countType(name, type)} NOT NULL COMMENT ${literal(description)}`
  );
  const epoch = "CAST('1970-01-01' AS DATETIME)";
  return [
    `CREATE TABLE IF NOT EXISTS ${counts} (
${columns.join(",\n")},
  PRIMARY KEY (${KEY_COLUMNS.join(", ")})
) ${OPTIONS} COMMENT ${literal(`${record.records} by minute, hour and day`)}`,
    // What an earlier try has counted.
    `DELETE FROM ${counts}`,
    ...countAll(record, quoted(table), counts, {
      start: (column, seconds) =>
        `TIMESTAMPADD(SECOND, TIMESTAMPDIFF(SECOND, ${epoch}, ${column}) DIV ${seconds} * ${seconds}, ` +
        `${epoch})`,
      cut: (expression, most) => `LEFT(${expression}, ${most}) ${EXACT}`,
    }),
  ];
}

function countType(name: string, type: typeof COUNT_COLUMNS[number][1]): string {
  if (type === "text") return `VARCHAR(${TEXT_MOST[name as keyof typeof TEXT_MOST]}) ${EXACT}`;
  // Starts of intervals are whole seconds.
  return type === "int16" ? "SMALLINT" : type === "time" ? "DATETIME" : TYPES[type];
}

function makeLosses(table: string): string[] {
  const columns = LOSS_COLUMNS.map(([name, type, description]) =>
    `  ${quoted(name)} ${TYPES[type]} NOT NULL COMMENT ${literal(description)}`
  );
  return [
    `CREATE TABLE IF NOT EXISTS ${quoted(table + LOSSES_SUFFIX)} (
${columns.join(",\n")},
  KEY (\`time\`)
) ${OPTIONS} COMMENT 'Packets and events that the kernel had to drop'`,
  ];
}

/** Makes the table of chunks that have arrived, which tables share. */
function makeReceived(): string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${RECEIVED} (
  table_name VARCHAR(64),
  session CHAR(36) CHARACTER SET ascii,
  lane VARCHAR(${LANE_MOST}) CHARACTER SET ascii COLLATE ascii_bin,
  spans TEXT CHARACTER SET ascii NOT NULL,
  updated TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (table_name, session, lane),
  KEY (updated)
) ${OPTIONS} COMMENT 'Messages of other hosts that have arrived'`,
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
