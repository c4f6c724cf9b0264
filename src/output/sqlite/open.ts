/** Opens the database, and creates the table or brings an older one up to date. */

import { DatabaseSync } from "node:sqlite";
import { OutputError } from "../../errors.ts";
import { lookAt, noFolder } from "../../files/place.ts";
import { type Change, newer } from "../table/migration.ts";
import { TABLES } from "../table/name.ts";
import type { RecordTable } from "../table/record_table.ts";
import { newestOf, statements } from "./schema.ts";

/** Longest wait for another process's lock, in milliseconds. */
const LOCK_MS = 2000;
/** Size to which a write-ahead log is cut back that has grown, in bytes. */
const WAL_MOST = 64 * 1024 * 1024;

/**
 * Opens a database for writing.
 *
 * @param path Its file, which is created if it is missing.
 * @throws {OutputError} If something else is in its place, or its file system is of no use.
 * @throws {Error} SQLite's error.
 */
export function openDatabase(path: string): DatabaseSync {
  const isNew = requireFile(path);
  if (isNew) createFile(path);
  const database = new DatabaseSync(path, { timeout: LOCK_MS, enableForeignKeyConstraints: false });
  try {
    if (isEmpty(database)) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    const mode = database.prepare("PRAGMA journal_mode = WAL").get()!.journal_mode;
    if (mode !== "wal") {
      throw new OutputError(
        path,
        `Cannot use ${path}: its file system is of no use for SQLite's write-ahead log; ` +
          "choose a file on a local one",
      );
    }
    // A commit lasts a power failure: the spool forgets the rows.
    database.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${WAL_MOST}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Opens a database for reading.
 *
 * @throws {OutputError} If there is no such file, or the table is not in it.
 * @throws {Error} SQLite's error.
 */
export function openForReading(record: RecordTable, path: string, table: string): DatabaseSync {
  if (requireFile(path)) {
    throw new OutputError(path, `Cannot read ${path}: there is no such file; check the path`);
  }
  const database = new DatabaseSync(path, { readOnly: true, timeout: LOCK_MS });
  try {
    if (versionOf(database, record, path, table) > 0) return database;
    throw new OutputError(
      path,
      `Cannot read ${path}: it has no table ${table}; name another, or make it: nfscribe db init`,
    );
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Creates the table if it is missing, or migrates an older one, in one transaction.
 *
 * @returns The changes that were made.
 * @throws {OutputError} If the table belongs to a newer nfscribe or another program.
 */
export function migrate(
  database: DatabaseSync,
  record: RecordTable,
  path: string,
  table: string,
): Change {
  const newest = newestOf(record);
  if (versionOf(database, record, path, table) === newest) return "current";
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another nfscribe may have been faster.
    const version = versionOf(database, record, path, table);
    if (version < newest) {
      for (const statement of statements(record, table, version)) database.exec(statement);
    }
    database.exec("COMMIT");
    return version === 0 ? "made" : version === newest ? "current" : "updated";
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    const [, name] = /(\S+) already exists/.exec((error as Error).message) ?? [];
    throw name === undefined ? error : refused(path, table, `${name} is there already`);
  }
}

/** Returns the version of a table; 0 if it is missing. */
export function versionOf(
  database: DatabaseSync,
  record: RecordTable,
  path: string,
  table: string,
): number {
  const newest = newestOf(record);
  const has = (name: string) =>
    database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE").get(name) !==
      undefined;
  if (!has(table)) return 0;
  const recorded = has(TABLES)
    ? database.prepare(`SELECT version FROM ${TABLES} WHERE name = ?`).get(table)
    : undefined;
  const version = Number(recorded?.version ?? 0);
  if (version === 0) {
    throw refused(path, table, "something of that name is there, and nfscribe did not make it");
  }
  if (version > newest) {
    throw refused(path, table, newer(version, newest));
  }
  return version;
}

function refused(path: string, table: string, why: string): OutputError {
  return new OutputError(
    path,
    `Cannot use table ${table} of ${path}: ${why}; choose another table or file`,
  );
}

/**
 * Looks at what is in the file's place.
 *
 * @returns Whether nothing is.
 * @throws {OutputError} If it is no file, or one that another user has put there.
 */
export function requireFile(path: string): boolean {
  try {
    const info = lookAt(path);
    if (info !== undefined && !info.isFile) throw new Error("it is not a regular file");
    return info === undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new OutputError(path, `Cannot use ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Creates the file, so that it is not for everybody to read; SQLite's own files beside it follow. */
function createFile(path: string): void {
  try {
    Deno.openSync(path, { createNew: true, write: true, mode: 0o640 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) {
      const reason = error instanceof Deno.errors.NotFound
        ? noFolder(path)
        : (error as Error).message;
      throw new OutputError(path, `Cannot create ${path}: ${reason}`, { cause: error });
    }
  }
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare("PRAGMA page_count").get()!.page_count === 0;
}
