/** SQL statements that create the table, version by version, and copy into it. */

import { TABLES } from "../table/name.ts";
import type { RecordTable, TableKind } from "../table/record_table.ts";
import { literal, makeBase } from "./schema/base.ts";
import { makeCounts, makeLosses } from "./schema/counts.ts";
import { makeReceived } from "./schema/received.ts";
import { makeUlog1, makeViews } from "./schema/views.ts";
import { beside, quoted, quotedName, type Table } from "./table.ts";

/** Versions of a table. */
interface Versions {
  /** Migrations from nothing to the newest version; a released one never changes. */
  steps: readonly ((record: RecordTable, table: Table) => string[])[];
  /** The oldest version that rows can be written to: those after it add views and tables beside it. */
  writable: number;
}

const VERSIONS: Readonly<Record<TableKind, Versions>> = {
  packet: {
    steps: [
      makeBase,
      makeViews,
      (_, table) => makeUlog1(table),
      makeCounts,
      (_, table) => makeLosses(table),
      (_, table) => makeReceived(table),
    ],
    writable: 2,
  },
  flow: { steps: [makeWithViews, makeCounts], writable: 1 },
  counter: { steps: [makeWithViews], writable: 1 },
};

function makeWithViews(record: RecordTable, table: Table): string[] {
  return [...makeBase(record, table), ...makeViews(record, table)];
}

/** Returns the newest version of a table. */
export function newestOf({ kind }: RecordTable): number {
  return VERSIONS[kind].steps.length;
}

/** Returns the oldest version of a table that rows can be written to. */
export function writableOf({ kind }: RecordTable): number {
  return VERSIONS[kind].writable;
}

/**
 * Returns the statements from one version to another.
 *
 * @param from The present version; 0 for none.
 * @param to The target version.
 */
export function statements(
  record: RecordTable,
  table: Table,
  from: number,
  to: number = newestOf(record),
): string[] {
  const { steps } = VERSIONS[record.kind];
  return [...steps.slice(from, to).flatMap((step) => step(record, table)), note(table, to)];
}

/** Returns the statement that copies binary rows. */
export function copyStatement(record: RecordTable, table: Table): string {
  const columns = record.columns.map(([name]) => quotedName(name)).join(", ");
  return `COPY ${quoted(table)} (${columns}) FROM STDIN (FORMAT binary)`;
}

/** Returns all statements that create tables, as one script for psql. */
export function schemaScript(tables: readonly (readonly [RecordTable, Table])[]): string {
  const schemas = new Set(tables.flatMap(([, { schema }]) => schema ?? []));
  const lines = [
    "BEGIN",
    ...[...schemas].map((schema) => `CREATE SCHEMA IF NOT EXISTS ${quotedName(schema)}`),
    ...tables.flatMap(([record, table]) => statements(record, table, 0)),
    "COMMIT",
  ];
  return `${lines.join(";\n\n")};\n`;
}

/** Returns the statement that records the present version. */
function note(table: Table, version: number): string {
  return `INSERT INTO ${quoted(beside(table, TABLES))} (name, version)
VALUES (${literal(table.name)}, ${version})
ON CONFLICT (name) DO UPDATE SET version = excluded.version`;
}
