/**
 * The table in SQL: what makes it, version by version, and what copies into it.
 *
 * @module
 */

import { COLUMNS } from "./columns.ts";
import { literal, makeBase, TABLES } from "./schema/base.ts";
import { makeViews } from "./schema/views.ts";
import { beside, quoted, quotedName, type Table } from "./table.ts";

/** The steps from nothing to the newest version; one that was released never changes. */
const STEPS: readonly ((table: Table) => string[])[] = [makeBase, makeViews];

/** The version that this nfscribe makes and writes to. */
export const VERSION: number = STEPS.length;

/**
 * The statements from one version to another.
 *
 * @param table The table.
 * @param from The version that is there; 0 for none.
 * @param to The version to be there.
 */
export function statements(table: Table, from: number, to: number = VERSION): string[] {
  return [...STEPS.slice(from, to).flatMap((step) => step(table)), note(table, to)];
}

/** The statement that binary rows are sent with. */
export function copyStatement(table: Table): string {
  const columns = COLUMNS.map(([name]) => quotedName(name)).join(", ");
  return `COPY ${quoted(table)} (${columns}) FROM STDIN (FORMAT binary)`;
}

/** Everything that makes a table, as one script for psql. */
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

/** Writes down which version is there. */
function note(table: Table, version: number): string {
  return `INSERT INTO ${quoted(beside(table, TABLES))} (name, version)
VALUES (${literal(table.name)}, ${version})
ON CONFLICT (name) DO UPDATE SET version = excluded.version`;
}
