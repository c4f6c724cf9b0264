/** SQL statements that create the table, version by version, and copy into it. */

import { COLUMNS } from "../table/columns.ts";
import { TABLES } from "../table/name.ts";
import { literal, makeBase } from "./schema/base.ts";
import { makeUlog1, makeViews } from "./schema/views.ts";
import { beside, quoted, quotedName, type Table } from "./table.ts";

/** Migrations from nothing to the newest version; a released one never changes. */
const STEPS: readonly ((table: Table) => string[])[] = [makeBase, makeViews, makeUlog1];

/** The current version. */
export const VERSION: number = STEPS.length;
/** The oldest version that rows can be written to: those after it add views only. */
export const WRITABLE = 2;

/**
 * Returns the statements from one version to another.
 *
 * @param from The present version; 0 for none.
 * @param to The target version.
 */
export function statements(table: Table, from: number, to: number = VERSION): string[] {
  return [...STEPS.slice(from, to).flatMap((step) => step(table)), note(table, to)];
}

/** Returns the statement that copies binary rows. */
export function copyStatement(table: Table): string {
  const columns = COLUMNS.map(([name]) => quotedName(name)).join(", ");
  return `COPY ${quoted(table)} (${columns}) FROM STDIN (FORMAT binary)`;
}

/** Returns all statements that create a table, as one script for psql. */
export function schemaScript(table: Table): string {
  const { schema } = table;
  const lines = [
    "BEGIN",
    ...schema === undefined ? [] : [`CREATE SCHEMA IF NOT EXISTS ${quotedName(schema)}`],
    ...statements(table, 0),
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
