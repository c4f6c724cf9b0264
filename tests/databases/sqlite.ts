/**
 * The SQLite output without a capture.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import type { SqliteOptions } from "../../src/output/sqlite/options.ts";
import { openSqlite } from "../../src/output/sqlite/writer.ts";
import { temporaryFolder } from "../system/process.ts";
import { deliveryOptions, recorder } from "./rows.ts";

/** Makes a folder for a database and its spool. */
export async function place(options: Partial<SqliteOptions> = {}) {
  const folder = await temporaryFolder();
  const path = `${folder.path}/nfscribe.db`;
  const spool = `${folder.path}/spool`;
  const { said, log } = recorder();
  return {
    folder: folder.path,
    path,
    spool,
    /** Messages of the writers. */
    said,
    /** Opens the output. */
    open: () =>
      openSqlite({
        path,
        ...deliveryOptions(spool),
        ...options,
      }, log),
    /** Opens the database. */
    database: () => new DatabaseSync(path),
    /** Returns the rows of a query, as lists. */
    query(sql: string): unknown[][] {
      using database = new DatabaseSync(path, { readOnly: true });
      return database.prepare(sql).all().map((row) => Object.values(row));
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
