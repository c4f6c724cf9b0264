/** Creates the table, or migrates an older one. */

import type { OutputError } from "../../errors.ts";
import { snakeCase } from "../../text/spelling.ts";
import type { Client } from "./client.ts";
import { type Change, newer, refused } from "../table/migration.ts";
import { TABLES } from "../table/name.ts";
import type { RecordTable } from "../table/record_table.ts";
import { madeOf, newestOf, statements, viewNames } from "./schema.ts";

/** Lock of processes that change the tables of a database, and how long it is waited for, in seconds. */
const LOCK = "CONCAT('nfscribe.', DATABASE())";
const LOCK_SECONDS = 30;

/**
 * Creates the table if it is missing, or migrates an older one. Several processes may do it at the
 * same time.
 *
 * @param options Whether the table may be created or changed; otherwise it is only checked.
 * @returns The changes that were made.
 * @throws {OutputError} If the table is missing and must not be made, or belongs to a newer
 *   nfscribe or another program; the message says what to do.
 */
export async function migrate(
  client: Client,
  record: RecordTable,
  table: string,
  { create }: { create: boolean },
): Promise<Change> {
  const newest = newestOf(record);
  const version = await versionOf(client, record, table);
  // Later versions add tables beside it.
  if (version === newest || !create && version > 0) return "current";
  if (!create) throw untouched(table);
  return await locked(client, async () => {
    // Another nfscribe may have been faster.
    const version = await versionOf(client, record, table);
    if (version === newest) return "current";
    if (version === 0) await requireFree(client, record, table);
    for (const statement of statements(record, table, version)) await client.run(statement);
    return version === 0 ? "made" : "updated";
  });
}

/** Refuses to replace views of others; those beside a table that was not completed are nfscribe's. */
async function requireFree(client: Client, record: RecordTable, table: string): Promise<void> {
  const names = viewNames(record, table);
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
      `name, as in ${snakeCase(record.option)} = "log"`,
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
export async function versionOf(
  client: Client,
  record: RecordTable,
  table: string,
): Promise<number> {
  const newest = newestOf(record);
  const comments = await client.rows(
    "SELECT table_name AS name, table_comment AS comment FROM information_schema.tables " +
      "WHERE table_schema = DATABASE() AND table_name IN (?, ?)",
    [table, TABLES],
  );
  const found = comments.find(({ name }) => name === table);
  if (found === undefined) return 0;
  const hasBooks = comments.some(({ name }) => name === TABLES);
  const [recorded] = hasBooks
    ? await client.rows(`SELECT version FROM ${TABLES} WHERE name = ?`, [table])
    : [];
  const version = Number(recorded?.version ?? 0);
  if (version === 0 && !String(found.comment).startsWith(madeOf(record))) {
    throw refused(
      table,
      "something of that name is there, and nfscribe did not make it; give it another name, " +
        "or choose another table or database",
    );
  }
  if (version > newest) {
    throw refused(table, `${newer(version, newest)}, or choose another table`);
  }
  return version;
}

/** Returns the error for a missing table that must not be made. */
function untouched(table: string): OutputError {
  return refused(table, "it is not there; make it with nfscribe db init, or set create = true");
}
