/** Creates the table, or migrates an older one. */

import type { OutputError } from "../../errors.ts";
import { snakeCase } from "../../text/spelling.ts";
import { type Change, newer, refused } from "../table/migration.ts";
import { TABLES } from "../table/name.ts";
import type { RecordTable } from "../table/record_table.ts";
import type { Client } from "./client.ts";
import { literal, newestOf, statements, viewNames } from "./schema.ts";
import { storedColumns, type TableForm } from "./stored_columns.ts";

/** The types of texts had to be allowed once; the setting is without effect on later servers. */
const ALLOWED = { allow_experimental_low_cardinality_type: 1 };

/** Table as it was found. */
export interface FoundTable extends TableForm {
  /** Its version; 0 if it is missing, or not complete. */
  version: number;
  /** Its engine, as in `ReplicatedMergeTree`; empty if it is missing. */
  engine: string;
}

/**
 * Creates the table if it is missing, or migrates an older one. Several processes may do it at the
 * same time.
 *
 * @param options Whether the table may be created or changed; otherwise it is only checked.
 * @returns The table, and the changes that were made.
 * @throws {OutputError} If the table is missing or older and must not be changed, or belongs to a
 *   newer nfscribe or another program; the message says what to do.
 */
export async function migrate(
  client: Client,
  record: RecordTable,
  table: string,
  { create }: { create: boolean },
): Promise<{ found: FoundTable; change: Change }> {
  const found = await findTable(client, record, table);
  const { version } = found;
  if (version === newestOf(record)) return { found, change: "current" };
  if (!create) throw untouched(record, table, version);
  if (found.engine === "") await requireFree(client, record, table);
  for (const statement of statements(found, version)) {
    await client.run(statement, client.server.isModern ? {} : ALLOWED);
  }
  return {
    found: await findTable(client, record, table),
    change: version === 0 ? "made" : "updated",
  };
}

/**
 * Finds a table.
 *
 * @throws {OutputError} If it is a newer nfscribe's or another program's.
 */
export async function findTable(
  client: Client,
  record: RecordTable,
  table: string,
): Promise<FoundTable> {
  const newest = newestOf(record);
  const tables = await client.rows(
    "SELECT name, engine FROM system.tables WHERE database = currentDatabase() " +
      `AND name IN (${literal(table)}, ${literal(TABLES)})`,
  );
  const found = tables.find(({ name }) => name === table);
  if (found === undefined) {
    return { record, table, version: 0, engine: "", isModern: client.server.isModern };
  }
  const columns = await client.rows(
    "SELECT name, type FROM system.columns WHERE database = currentDatabase() " +
      `AND table = ${literal(table)}`,
  );
  const engine = String(found.engine);
  const time = columns.find(({ name }) => name === "time");
  const isModern = String(time?.type).startsWith("DateTime64");
  const isOurs = storedColumns({ record, isModern }).every((own) =>
    columns.some(({ name }) => name === own.name)
  );
  if (!isOurs || !engine.endsWith("MergeTree")) {
    throw refused(
      table,
      "something of that name is there, and nfscribe did not make it; give it another name, " +
        "or choose another table or database",
    );
  }
  const [recorded] = tables.some(({ name }) => name === TABLES)
    ? await client.rows(
      `SELECT max(version) AS version FROM ${TABLES} WHERE name = ${literal(table)}`,
    )
    : [];
  const version = Number(recorded?.version ?? 0);
  if (version > newest) {
    throw refused(table, `${newer(version, newest)}, or choose another table`);
  }
  return { record, table, version, engine, isModern };
}

/** Refuses to take the place of views of others; those beside a table that was not completed are nfscribe's. */
async function requireFree(client: Client, record: RecordTable, table: string): Promise<void> {
  const names = viewNames(record, table).map(literal).join(", ");
  const [taken] = await client.rows(
    "SELECT name FROM system.tables WHERE database = currentDatabase() " +
      `AND name IN (${names}) LIMIT 1`,
  );
  if (taken === undefined) return;
  throw refused(
    table,
    `"${taken.name}" is there already; give nfscribe a database of its own, or a table of another ` +
      `name, as in ${snakeCase(record.option)} = "log"`,
  );
}

/** Returns the error for a table of another version that must not be changed. */
function untouched(record: RecordTable, table: string, version: number): OutputError {
  const state = version === 0
    ? "it is not there; make it"
    : `it is of version ${version}, this nfscribe needs ${newestOf(record)}; bring it up to date`;
  return refused(table, `${state} with nfscribe db init, or set create = true`);
}
