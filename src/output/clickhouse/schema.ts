/** SQL statements that create the table, version by version, and insert into it. */

import { COLUMNS } from "../table/columns.ts";
import { TABLES } from "../table/name.ts";
import { PACKETS } from "../table/packets.ts";
import { textView } from "../table/text_view.ts";
import type { View } from "../table/view.ts";
import { ulog1View } from "../table/views.ts";
import { dialectOf, MICROS, SECONDS, TYPES, UNREADABLE } from "./dialect.ts";

/** Table as statements need it. */
export interface TableForm {
  /** Its name. */
  table: string;
  /** Whether its times are `DateTime64`, and a server with all features has made it. */
  isModern: boolean;
}

/** Columns by which a batch that comes again is recognised. */
export const BATCH_COLUMNS = [
  ["spool", "UUID", "Writer of the spool that the row came through"],
  ["position", "UInt64", "Position in that spool up to which the row's insert went"],
] as const;

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
 * Migrations from nothing to the newest version; a released one never changes. Each statement can be
 * run again.
 */
const STEPS: readonly ((form: TableForm) => string[])[] = [makeTable];

/** The current version. */
export const VERSION: number = STEPS.length;

/**
 * Returns the statements from one version to the newest.
 *
 * @param from The present version; 0 for none.
 */
export function statements(form: TableForm, from: number): string[] {
  return [
    ...STEPS.slice(from).flatMap((step) => step(form)),
    `INSERT INTO ${TABLES} (name, version) VALUES ('${form.table}', ${VERSION})`,
  ];
}

/** Returns all statements that create a table on a modern server, as one script. */
export function schemaScript(table: string): string {
  return `${statements({ table, isModern: true }, 0).join(";\n\n")};\n`;
}

/** Returns the statement that inserts rows. */
export function insertStatement({ table, isModern }: TableForm): string {
  const [time, ...others] = COLUMNS.map(([name]) => name);
  const batch = BATCH_COLUMNS.map(([name]) => name);
  const columns = [time!, ...isModern ? [] : [MICROS], ...others, ...batch].map(quoted);
  return `INSERT INTO ${quoted(table)} (${columns.join(", ")}) FORMAT RowBinary`;
}

/** Returns the names of a table's views. */
export function viewNames(table: string): string[] {
  return allViews({ table, isModern: true }).map(({ name }) => name);
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
  const { table, isModern } = form;
  const columns: (readonly [name: string, type: string, description: string])[] = COLUMNS.map(
    ([name, type, description]) => {
      return [name, type === "time" && !isModern ? SECONDS : TYPES[type], description];
    },
  );
  if (!isModern) columns.splice(1, 0, [MICROS, "UInt32", "Microseconds within the second of time"]);
  const lines = [...columns, ...BATCH_COLUMNS].map(([name, type, description]) => {
    const codec = isModern && CODECS[name] !== undefined ? ` CODEC(${CODECS[name]})` : "";
    return `  ${quoted(name)} ${type} COMMENT ${literal(description)}${codec}`;
  });
  const order = isModern ? "time" : `(time, ${MICROS})`;
  return [
    `CREATE TABLE IF NOT EXISTS ${TABLES} (
  name String,
  version UInt32
) ENGINE = MergeTree ORDER BY name`,
    `CREATE TABLE IF NOT EXISTS ${quoted(table)} (
${lines.join(",\n")}
) ENGINE = MergeTree
PARTITION BY toYYYYMMDD(time)
ORDER BY ${order}${isModern ? `\nSETTINGS ${SETTINGS.join(", ")}` : ""}`,
    ...allViews(form).map(({ name, query }) =>
      `CREATE VIEW IF NOT EXISTS ${quoted(name)} AS\n${query}`
    ),
  ];
}

function allViews({ table, isModern }: TableForm): View[] {
  const viewed = { name: table, quoted: quoted(table) };
  const dialect = dialectOf(isModern);
  return [
    textView(PACKETS, viewed, dialect, UNREADABLE, isModern ? [] : [`  ${MICROS}`]),
    ...PACKETS.views(viewed, dialect),
    ulog1View(viewed, dialect),
  ];
}
