/** Creates the table, or migrates an older one. */

import { OutputError } from "../../errors.ts";
import type { Client } from "./client.ts";
import type { Change } from "../table/migration.ts";
import { TABLES } from "../table/name.ts";
import { MADE, statements, VERSION, viewNames } from "./schema.ts";

/** Lock of processes that change the tables of a database, and how long it is waited for, in seconds. */
const LOCK = "CONCAT('nfscribe.', DATABASE())";
const LOCK_SECONDS = 30;

/**
 * Creates the table if it is missing, or migrates an older one. Several processes may do it at the
 * same time.
 *
 * @param options Whether the table may be created or changed; otherwise it is only checked.
 * @returns The changes that were made.
 * @throws {OutputError} If the table is missing or older and must not be changed, or belongs to a
 *   newer nfscribe or another program; the message says what to do.
 */
export async function migrate(
  client: Client,
  table: string,
  { create }: { create: boolean },
): Promise<Change> {
  const version = await versionOf(client, table);
  if (version === VERSION) return "current";
  if (!create) throw untouched(table, version);
  return await locked(client, async () => {
    // Another nfscribe may have been faster.
    const version = await versionOf(client, table);
    if (version === VERSION) return "current";
    if (version === 0) await requireFree(client, table);
    for (const statement of statements(table, version)) await client.run(statement);
    return version === 0 ? "made" : "updated";
  });
}

/** Refuses to replace views of others; those beside a table that was not completed are nfscribe's. */
async function requireFree(client: Client, table: string): Promise<void> {
  const names = viewNames(table);
  const taken = await client.rows(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() " +
      `AND (table_name IN (${names.map(() => "?").join(", ")}) OR table_name = ?)`,
    [...names, table],
  );
  if (taken.length === 0 || taken.some(({ name }) => name === table)) return;
  throw refused(
    table,
    `"${
      taken[0]!.name
    }" is there already; give nfscribe a database of its own, or a table of another ` +
      'name, as in table = "log"',
  );
}

/** Runs changes of tables alone among all nfscribe processes that use the database. */
export async function locked<Result>(
  client: Client,
  change: () => Promise<Result>,
): Promise<Result> {
  const [row] = await client.rows(`SELECT GET_LOCK(${LOCK}, ${LOCK_SECONDS}) AS mine`);
  if (Number(row?.mine) !== 1) throw new Error("another nfscribe changes tables at the moment");
  try {
    return await change();
  } finally {
    await client.rows(`SELECT RELEASE_LOCK(${LOCK})`);
  }
}

/** Returns the version of a table; 0 if it is missing, or not complete. */
export async function versionOf(client: Client, table: string): Promise<number> {
  const comments = await client.rows(
    "SELECT table_name AS name, table_comment AS comment FROM information_schema.tables " +
      "WHERE table_schema = DATABASE() AND table_name IN (?, ?)",
    [table, TABLES],
  );
  const found = comments.find(({ name }) => name === table);
  if (found === undefined) return 0;
  const hasBooks = comments.some(({ name }) => name === TABLES);
  const [record] = hasBooks
    ? await client.rows(`SELECT version FROM ${TABLES} WHERE name = ?`, [table])
    : [];
  const version = Number(record?.version ?? 0);
  if (version === 0 && !String(found.comment).startsWith(MADE)) {
    throw refused(
      table,
      "something of that name is there, and nfscribe did not make it; give it another name, " +
        "or choose another table or database",
    );
  }
  if (version > VERSION) {
    throw refused(
      table,
      `it was made by a newer nfscribe (its version is ${version}, this nfscribe knows ${VERSION}); ` +
        "start that one, or choose another table",
    );
  }
  return version;
}

/** Returns the error for a table of another version that must not be changed. */
function untouched(table: string, version: number): OutputError {
  const state = version === 0
    ? "it is not there; make it"
    : `it is of version ${version}, this nfscribe needs ${VERSION}; bring it up to date`;
  return refused(table, `${state} with nfscribe db init, or set create = true`);
}

function refused(table: string, why: string): OutputError {
  return new OutputError(table, `Cannot use table ${table}: ${why}`);
}
