/** The tables of a SQLite output, made, printed and looked after for `nfscribe db`. */

import type { DatabaseSync } from "node:sqlite";
import type { Need } from "../../permission.ts";
import { counted } from "../../text/figures.ts";
import { type SqlDialect, SQLITE } from "../../filter/expression/sql/dialect.ts";
import type { TableStatus } from "../define.ts";
import { type Connections, TableDatabase } from "../table/database.ts";
import { changeLine } from "../table/migration.ts";
import type { StoreReader } from "../table/reading.ts";
import type { RecordTable } from "../table/record_table.ts";
import { tablesOf } from "../delivery/complete.ts";
import { migrate, openDatabase, openForReading, versionOf } from "./open.ts";
import type { SqliteOptions } from "./options.ts";
import { fileNeeds } from "./prepare.ts";
import { problemOf } from "./problem.ts";
import { readFlows, readRecords } from "./query.ts";
import { Expiry } from "./retention.ts";
import { addressIndexes, newestOf, schemaScript, statements } from "./schema.ts";
import { statusOf } from "./status.ts";
import { parseTableName } from "../table/name.ts";

/** The tables of a database, with the options that say where it is. */
export class SqliteDatabase extends TableDatabase<DatabaseSync, string, SqliteOptions> {
  protected readonly names = tablesOf(this.options);
  readonly schema: string = schemaScript(this.tables).trimEnd();
  protected readonly readRecords = readRecords;
  protected readonly readFlows = readFlows;

  constructor(options: SqliteOptions) {
    super(options, parseTableName);
  }

  needs(access: "read" | "write"): Need[] {
    const needs = fileNeeds(this.options.path);
    return access === "write" ? needs : needs.filter(({ name }) => name !== "write");
  }

  async open(): Promise<StoreReader> {
    const [{ SqliteStore }, { TableReader }] = await Promise.all([
      import("./store.ts"),
      import("../table/reader/reader.ts"),
    ]);
    // SQLite opens the file for reading only: no right of its user matters.
    return new TableReader(new SqliteStore(this.options.path, this.names), false);
  }

  status(): Promise<TableStatus[]> {
    return this.connected("read", (database, path) =>
      this.lookedAt(path, (record, table) => {
        if (versionOf(database, record, path, table) === 0) return undefined;
        return statusOf(database, record, path, table);
      }));
  }

  init(print: (line: string) => void): Promise<void> {
    return this.#opened((database, path) => {
      const expiry = new Expiry(database, this.options);
      for (const [record, table] of this.tables) {
        print(changeLine(path, table, migrate(database, record, path, table)));
        expiry.add(record, table);
      }
      let deleted = 0;
      for (let some = 1; some > 0; deleted += some) some = expiry.deleteSome(Date.now(), true);
      if (deleted > 0) print(`  deleted, as the retention says: ${counted(deleted, "row")}`);
    });
  }

  index(print: (line: string) => void): Promise<void> {
    return this.#opened(async (database, path) => {
      const has = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?");
      await this.makeIndexes(path, print, (record, table) => {
        migrate(database, record, path, table);
        return addressIndexes(record, table)
          .filter(({ name }) => has.get(name) === undefined)
          .map(({ name, statement }) => ({ name, make: () => database.exec(statement) }));
      });
    });
  }

  protected dialectOf(): SqlDialect {
    return SQLITE;
  }

  protected connections(record: RecordTable): Connections<DatabaseSync> {
    const { path } = this.options;
    return {
      where: path,
      open: () => openForReading(record, path, this.names[record.kind]),
      close: (database) => database.close(),
      problemOf: (error) => problemOf(error, path, "read"),
    };
  }

  protected migration(database: DatabaseSync, record: RecordTable, table: string) {
    const version = versionOf(database, record, this.options.path, table);
    return {
      table,
      version,
      newest: newestOf(record),
      statements: statements(record, table, version),
      run: () => this.#opened((database, path) => void migrate(database, record, path, table)),
    };
  }

  /** Opens the database for writing. */
  #opened(act: (database: DatabaseSync, path: string) => void | Promise<void>): Promise<void> {
    const { path } = this.options;
    return this.connected("make changes", act, {
      where: path,
      open: () => openDatabase(path),
      close: (database) => database.close(),
      problemOf: (error, doing) => problemOf(error, path, doing),
    });
  }
}
