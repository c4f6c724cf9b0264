/** The table itself, its default partition, its index and the bookkeeping. */

import { SPOOLS, TABLES } from "../../table/name.ts";
import { presentCondition, type RecordTable, type TableIndex } from "../../table/record_table.ts";
import { TYPES } from "../dialect.ts";
import { beside, quoted, quotedName, type Table } from "../table.ts";

/** Returns the statements that create a table of version 1. */
export function makeBase(record: RecordTable, table: Table): string[] {
  return [
    ...bookkeeping(table),
    `CREATE TABLE ${quoted(table)} (\n${columns(record)}\n) PARTITION BY RANGE (time)`,
    `CREATE TABLE ${quoted(defaultOf(table))} PARTITION OF ${quoted(table)} DEFAULT`,
    index(table),
    ...record.indexes.map((found) => partialIndex(table, found)),
    ...comments(record, table),
  ];
}

/** Returns the name of the default partition, for rows of days without a partition. */
function defaultOf(table: Table): Table {
  return beside(table, `${table.name}_default`);
}

function bookkeeping(table: Table): string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${quoted(beside(table, TABLES))} (
  name text PRIMARY KEY,
  version integer NOT NULL
)`,
    `CREATE TABLE IF NOT EXISTS ${quoted(beside(table, SPOOLS))} (
  spool uuid,
  table_name text,
  position bigint NOT NULL,
  rows bigint NOT NULL,
  host text,
  updated timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (spool, table_name)
)`,
  ];
}

function columns({ columns }: RecordTable): string {
  return columns.map(([name, type]) =>
    `  ${quotedName(name)} ${TYPES[type]}${name === "time" ? " NOT NULL" : ""}`
  ).join(",\n");
}

/**
 * Returns the statement for an index that costs nothing while packets arrive. No index that speeds
 * up a search by address does that (tests/bench/postgres_indexes.ts): days that are over get one.
 */
function index(table: Table): string {
  return `CREATE INDEX ON ${quoted(table)} USING brin (time)`;
}

/** Returns the statement for an index of the rows that it is for. */
function partialIndex(table: Table, index: TableIndex): string {
  const names = index.columns.map(quotedName).join(", ");
  return `CREATE INDEX ON ${quoted(table)} (${names}) WHERE ${presentCondition(index)}`;
}

function comments({ records, columns }: RecordTable, table: Table): string[] {
  return [
    comment(
      "TABLE",
      quoted(table),
      `${records} that nfscribe logged, a row each; a partition each UTC day`,
    ),
    comment("TABLE", quoted(defaultOf(table)), `${records} of days that have no partition`),
    ...columns.map(([name, , text]) =>
      comment("COLUMN", `${quoted(table)}.${quotedName(name)}`, text)
    ),
  ];
}

/** Returns a statement that sets a comment. */
export function comment(kind: "TABLE" | "COLUMN" | "VIEW", name: string, text: string): string {
  return `COMMENT ON ${kind} ${name} IS ${literal(text)}`;
}

/** Quotes text for SQL, whatever the value of `standard_conforming_strings`. */
export function literal(text: string): string {
  const inside = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${inside.replaceAll("\\", "\\\\")}'` : `'${inside}'`;
}
