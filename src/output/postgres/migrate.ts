/** Creates the table, or migrates an older one. */

import type postgres from "postgres";
import { OutputError } from "../../errors.ts";
import { type Change, newer } from "../table/migration.ts";
import { TABLES } from "../table/name.ts";
import { snakeCase } from "../../text/spelling.ts";
import { currentSchema, hasSchema, type Queries, type Relation, relationOf } from "./catalog.ts";
import type { RecordTable } from "../table/record_table.ts";
import { newestOf, statements, writableOf } from "./schema.ts";
import { beside, nameOf, quoted, quotedName, type Table } from "./table.ts";

/** A connection. */
export type Sql = postgres.Sql;

/** After waiting for a lock, statements must see the then current state. */
export const ISOLATION = "ISOLATION LEVEL READ COMMITTED";

/** The oldest server version that PostgreSQL supports, as `server_version_num`. */
const SERVER_LEAST = 140_000;
/** Advisory lock of processes that migrate the same database; "nfsc" and a number. */
const LOCK = [0x6e667363, 1] as const;

/** SQLSTATE codes `insufficient_privilege` and `duplicate_table`. */
const NO_RIGHT = "42501";
const NAME_TAKEN = "42P07";

/** State of a table. */
export interface State {
  /** Its present or future name, with its schema. */
  place: Table;
  /** Its version; 0 if it is missing. */
  version: number;
}

/**
 * Creates the table if it is missing, or migrates an older one, in one transaction. Several
 * processes may do it at the same time.
 *
 * @param options Whether the table may be created or changed; otherwise it is only checked.
 * @returns The changes that were made.
 * @throws {OutputError} If the table is missing or older and must not be changed, belongs to a
 *   newer nfscribe or another program, or a privilege is missing; the message says what to do.
 */
export async function migrate(
  sql: Sql,
  record: RecordTable,
  table: Table,
  { create }: { create: boolean },
): Promise<Change> {
  try {
    // In a transaction, for the settings that poolers do not keep for a session.
    const { version } = await sql.begin(ISOLATION, (own) => look(own, record, table));
    if (version === newestOf(record) || !create && version >= writableOf(record)) return "current";
    if (!create) throw untouched(record, table, version);
    await sql.begin(ISOLATION, (transaction) => update(transaction, record, table));
    return version === 0 ? "made" : "updated";
  } catch (error) {
    throw explained(error, table, create);
  }
}

async function update(sql: Queries, record: RecordTable, table: Table): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${LOCK[0]}, ${LOCK[1]})`;
  // Another nfscribe may have been faster.
  const { place, version } = await look(sql, record, table);
  if (version === newestOf(record)) return;
  await requireServer(sql, table);
  await sql.unsafe("SET LOCAL client_min_messages = warning");
  if (!await hasSchema(sql, place.schema!)) {
    await sql.unsafe(`CREATE SCHEMA ${quotedName(place.schema!)}`);
  }
  await sql.unsafe(statements(record, place, version).join(";\n"));
}

/** Returns the state of a table. */
export async function look(sql: Queries, record: RecordTable, table: Table): Promise<State> {
  const newest = newestOf(record);
  const found = await relationOf(sql, table);
  if (found === undefined) return { place: await placeFor(sql, table), version: 0 };
  const version = await versionOf(sql, found);
  if (version === undefined) {
    throw refused(
      table,
      "something of that name is there, and nfscribe did not make it; give it another name, " +
        `or choose another one, as in ${snakeCase(record.option)} = "nfscribe.${record.name}"`,
    );
  }
  if (version > newest) {
    throw refused(table, `${newer(version, newest)}, or choose another table`);
  }
  return { place: found.place, version };
}

/** Returns a table's version as recorded; undefined if there is no record. */
async function versionOf(
  sql: Queries,
  { place, isPartitioned }: Relation,
): Promise<number | undefined> {
  const books = beside(place, TABLES);
  if (!isPartitioned || await relationOf(sql, books) === undefined) return undefined;
  const [row] = await sql.unsafe<{ version: number }[]>(
    `SELECT version FROM ${quoted(books)} WHERE name = $1`,
    [place.name],
  );
  return row?.version;
}

/** Returns the name under which a missing table is created. */
async function placeFor(sql: Queries, table: Table): Promise<Table> {
  const schema = table.schema ?? await currentSchema(sql);
  if (schema === undefined) {
    throw refused(
      table,
      `no schema of the search path is there; name one, as in table = "nfscribe.${table.name}"`,
    );
  }
  return { schema, name: table.name };
}

async function requireServer(sql: Queries, table: Table): Promise<void> {
  const [row] = await sql<{ number: number; text: string }[]>`
    SELECT current_setting('server_version_num')::integer AS number,
      current_setting('server_version') AS text`;
  if (row!.number >= SERVER_LEAST) return;
  throw refused(table, `PostgreSQL ${row!.text} is too old; 14 or newer is needed`);
}

/** Returns the error for a table of another version that must not be changed. */
function untouched(record: RecordTable, table: Table, version: number): OutputError {
  const state = version === 0
    ? "it is not there; make it"
    : `it is of version ${version}, this nfscribe needs ${writableOf(record)}; bring it up to date`;
  return refused(table, `${state} with nfscribe db init, or set create = true`);
}

function refused(table: Table, why: string, options?: ErrorOptions): OutputError {
  const name = nameOf(table);
  return new OutputError(name, `Cannot use table ${name}: ${why}`, options);
}

/** Adds advice to an error of the server; returns other errors unchanged. */
function explained(error: unknown, table: Table, create: boolean): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === NO_RIGHT) {
    const advice = create
      ? "run nfscribe db init as a role that may"
      : "grant it to the role that writes";
    return refused(table, `${message}; ${advice}: see "Rights" in docs/postgres.md`, {
      cause: error,
    });
  }
  if (code === NAME_TAKEN) {
    const where = `as in table = "nfscribe.${table.name}"`;
    return refused(table, `${message}; use a schema of its own, ${where}`, { cause: error });
  }
  return error;
}
