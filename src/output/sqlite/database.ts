/** The table of a SQLite output, made, printed and looked after for `nfscribe db`. */

import type { DatabaseSync } from "node:sqlite";
import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { counted } from "../../text/figures.ts";
import { packetExpression } from "../../filter/expression/expression.ts";
import { sqlCondition } from "../../filter/expression/sql/compile.ts";
import { SQLITE } from "../../filter/expression/sql/dialect.ts";
import { type Database, databaseOption, type Question, type TableStatus } from "../define.ts";
import { changeLine, migrateTable } from "../table/migration.ts";
import type { StoredPacket } from "../table/stored_packet.ts";
import { migrate, openDatabase, openForReading, versionOf } from "./open.ts";
import type { SqliteOptions } from "./options.ts";
import { fileNeeds } from "./prepare.ts";
import { problemOf } from "./problem.ts";
import { readPackets } from "./query.ts";
import { Expiry } from "./retention.ts";
import { addressIndexes, schemaScript, statements, VERSION } from "./schema.ts";
import { statusOf } from "./status.ts";
import { parseTableName } from "../table/name.ts";

/** The table of a database, with the options that say where it is. */
export class SqliteDatabase implements Database {
  readonly schema: string;
  readonly #options: SqliteOptions;

  /**
   * Checks the table's name; opens nothing.
   *
   * @throws {DatabaseOptionError} If it is none.
   */
  constructor(options: SqliteOptions) {
    this.#options = options;
    databaseOption("table", () => parseTableName(options.table));
    this.schema = schemaScript(options.table).trimEnd();
  }

  needs(access: "read" | "write"): Need[] {
    const needs = fileNeeds(this.#options.path);
    return access === "write" ? needs : needs.filter(({ name }) => name !== "write");
  }

  condition(expression: string): string {
    return sqlCondition(expression, packetExpression(expression), SQLITE);
  }

  async query(
    question: Question,
    take: (packet: StoredPacket) => Promise<boolean>,
  ): Promise<void> {
    const { path, table } = this.#options;
    const condition = question.where === undefined ? undefined : this.condition(question.where);
    await this.#reading(async (database) => {
      await readPackets(database, table, condition, question, take, path);
    });
  }

  status(): Promise<TableStatus> {
    const { path, table } = this.#options;
    return this.#reading((database) => Promise.resolve(statusOf(database, path, table)));
  }

  migrate(print: (line: string) => void, isTrial: boolean): Promise<void> {
    const { path, table } = this.#options;
    return this.#reading((database) => {
      const version = versionOf(database, path, table);
      const run = () => this.#opened((database) => void migrate(database, path, table));
      return migrateTable(
        {
          where: path,
          table,
          version,
          newest: VERSION,
          statements: statements(table, version),
          run,
        },
        print,
        isTrial,
      );
    });
  }

  init(print: (line: string) => void): Promise<void> {
    const { path, table } = this.#options;
    return this.#opened((database) => {
      print(changeLine(path, table, migrate(database, path, table)));
      const expiry = new Expiry(database, table, this.#options);
      let deleted = 0;
      for (let some = 1; some > 0; deleted += some) some = expiry.deleteSome(Date.now());
      if (deleted > 0) print(`  deleted, as the retention says: ${counted(deleted, "row")}`);
    });
  }

  index(print: (line: string) => void): Promise<void> {
    const { path, table } = this.#options;
    return this.#opened((database) => {
      migrate(database, path, table);
      const has = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?");
      const missing = addressIndexes(table).filter(({ name }) => has.get(name) === undefined);
      for (const { name, statement } of missing) {
        print(`${path}: index ${name}`);
        database.exec(statement);
      }
      if (missing.length === 0) print(`${path}: both addresses have their indexes`);
    });
  }

  /** Opens the database for reading; its table must be there. */
  async #reading<Result>(act: (database: DatabaseSync) => Promise<Result>): Promise<Result> {
    const { path, table } = this.#options;
    let database: DatabaseSync | undefined;
    try {
      database = openForReading(path, table);
      return await act(database);
    } catch (error) {
      const { message } = problemOf(error, path, "read");
      throw new OutputError(path, message, { cause: error });
    } finally {
      database?.close();
    }
  }

  /** Opens the database, and puts what SQLite refuses into words. */
  #opened(act: (database: DatabaseSync) => void): Promise<void> {
    const { path } = this.#options;
    let database: DatabaseSync | undefined;
    try {
      database = openDatabase(path);
      act(database);
      return Promise.resolve();
    } catch (error) {
      const { message } = problemOf(error, path, "make changes");
      return Promise.reject(new OutputError(path, message, { cause: error }));
    } finally {
      database?.close();
    }
  }
}
