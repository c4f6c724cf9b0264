/**
 * The table itself, its default partition, its index and the bookkeeping.
 *
 * @module
 */

import { COLUMNS } from "../columns.ts";
import { beside, quoted, quotedName, type Table } from "../table.ts";
import { DESCRIPTIONS } from "./columns.ts";

/** Where the tables of a schema that nfscribe made are noted. */
export const TABLES = "nfscribe_tables";
/** Where it is noted how far each spool was sent. */
export const SPOOLS = "nfscribe_spools";

/** The statements that make a table of version 1. */
export function makeBase(table: Table): string[] {
  return [
    ...bookkeeping(table),
    `CREATE TABLE ${quoted(table)} (\n${columns()}\n) PARTITION BY RANGE (time)`,
    `CREATE TABLE ${quoted(defaultOf(table))} PARTITION OF ${quoted(table)} DEFAULT`,
    index(table),
    ...comments(table),
  ];
}

/** The partition that takes what no day has a place for. */
export function defaultOf(table: Table): Table {
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

function columns(): string {
  return COLUMNS.map(([name, type]) =>
    `  ${quotedName(name)} ${type}${name === "time" ? " NOT NULL" : ""}`
  ).join(",\n");
}

/**
 * What costs nothing while packets come. Of what a search by address is quick with,
 * nothing does (tests/bench/postgres_indexes.ts): days that are over get it.
 */
function index(table: Table): string {
  return `CREATE INDEX ON ${quoted(table)} USING brin (time)`;
}

function comments(table: Table): string[] {
  return [
    comment(
      "TABLE",
      quoted(table),
      "Packets that nfscribe logged, a row each; a partition each UTC day",
    ),
    comment("TABLE", quoted(defaultOf(table)), "Packets of days that have no partition"),
    ...Object.entries(DESCRIPTIONS).map(([name, text]) =>
      comment("COLUMN", `${quoted(table)}.${quotedName(name)}`, text)
    ),
  ];
}

/** A statement that says what something is. */
export function comment(kind: "TABLE" | "COLUMN" | "VIEW", name: string, text: string): string {
  return `COMMENT ON ${kind} ${name} IS ${literal(text)}`;
}

/** Text as SQL has it, whatever `standard_conforming_strings` says. */
export function literal(text: string): string {
  const inside = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${inside.replaceAll("\\", "\\\\")}'` : `'${inside}'`;
}
