/** The tables of a SQLite output, made, printed and looked after for `nfscribe db`. */

import type { DatabaseSync } from "node:sqlite";
import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { counted } from "../../text/figures.ts";
import { SQLITE } from "../../filter/expression/sql/dialect.ts";
import { type Database, databaseOption, type Question, type TableStatus } from "../define.ts";
import { conditionFor } from "../table/condition.ts";
import { FLOWS } from "../table/flows.ts";
import { changeLine, migrateTable } from "../table/migration.ts";
import { answerNat, type NatAnswer, type NatQuestion } from "../table/nat_question.ts";
import { PACKETS } from "../table/packets.ts";
import type { StoreReader } from "../table/reading.ts";
import type { RecordTable, TableKind, TableNames } from "../table/record_table.ts";
import { RECORD_TABLES, recordTableOf } from "../table/record_tables.ts";
import type { StoredRecord } from "../table/stored_record.ts";
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
export class SqliteDatabase implements Database {
  readonly schema: string;
  readonly #options: SqliteOptions;
  readonly #names: TableNames;

  /**
   * Checks the tables' names; opens nothing.
   *
   * @throws {DatabaseOptionError} If one is none.
   */
  constructor(options: SqliteOptions) {
    this.#options = options;
    for (const { option } of RECORD_TABLES) {
      databaseOption(option, () => parseTableName(options[option]));
    }
    this.#names = tablesOf(options);
    this.schema = schemaScript(this.#tables).trimEnd();
  }

  /** All tables with their names. */
  get #tables(): [RecordTable, string][] {
    return RECORD_TABLES.map((record) => [record, this.#names[record.kind]]);
  }

  needs(access: "read" | "write"): Need[] {
    const needs = fileNeeds(this.#options.path);
    return access === "write" ? needs : needs.filter(({ name }) => name !== "write");
  }

  condition(expression: string, kind: TableKind): string {
    return conditionFor(kind, expression, SQLITE);
  }

  async query(
    question: Question,
    take: (record: StoredRecord) => Promise<boolean>,
  ): Promise<void> {
    const { where, kind } = question;
    const record = recordTableOf(kind);
    const condition = where === undefined ? undefined : this.condition(where, kind);
    await this.#reading(record, async (database, path, table) => {
      await readRecords(database, record, table, condition, question, take, path);
    });
  }

  translations(question: NatQuestion): Promise<NatAnswer> {
    return answerNat(
      question,
      SQLITE,
      (conditions, take) =>
        this.#reading(FLOWS, (database, path, table) => {
          readFlows(database, table, conditions, question.timeoutMs, take, path);
        }),
    );
  }

  async open(): Promise<StoreReader> {
    const [{ SqliteStore }, { TableReader }] = await Promise.all([
      import("./store.ts"),
      import("../table/reader/reader.ts"),
    ]);
    // SQLite opens the file for reading only: no right of its user matters.
    return new TableReader(new SqliteStore(this.#options.path, this.#names), false);
  }

  async status(): Promise<TableStatus[]> {
    const status: TableStatus[] = [];
    await this.#reading(PACKETS, (database, path) => {
      for (const [record, table] of this.#tables) {
        if (versionOf(database, record, path, table) === 0) continue;
        status.push(statusOf(database, record, path, table));
      }
    });
    return status;
  }

  async migrate(print: (line: string) => void, isTrial: boolean): Promise<void> {
    for (const [record, table] of this.#tables) {
      await this.#reading(PACKETS, async (database, path) => {
        const version = versionOf(database, record, path, table);
        await migrateTable(
          {
            where: path,
            table,
            version,
            newest: newestOf(record),
            statements: statements(record, table, version),
            mayMake: record !== PACKETS,
            run: () => this.#opened((database) => void migrate(database, record, path, table)),
          },
          print,
          isTrial,
        );
      });
    }
  }

  init(print: (line: string) => void): Promise<void> {
    const { path } = this.#options;
    return this.#opened((database) => {
      const expiry = new Expiry(database, this.#options);
      for (const [record, table] of this.#tables) {
        print(changeLine(path, table, migrate(database, record, path, table)));
        expiry.add(record, table);
      }
      let deleted = 0;
      for (let some = 1; some > 0; deleted += some) some = expiry.deleteSome(Date.now(), true);
      if (deleted > 0) print(`  deleted, as the retention says: ${counted(deleted, "row")}`);
    });
  }

  index(print: (line: string) => void): Promise<void> {
    const { path } = this.#options;
    return this.#opened((database) => {
      const has = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?");
      for (const [record, table] of this.#tables) {
        if (record.searched.length === 0) continue;
        migrate(database, record, path, table);
        const missing = addressIndexes(record, table)
          .filter(({ name }) => has.get(name) === undefined);
        for (const { name, statement } of missing) {
          print(`${path}: index ${name}`);
          database.exec(statement);
        }
        if (missing.length === 0) {
          print(`${path}: table ${table}: both addresses have their indexes`);
        }
      }
    });
  }

  /** Opens the database for reading; the table must be there. */
  async #reading(
    record: RecordTable,
    act: (database: DatabaseSync, path: string, table: string) => Promise<void> | void,
  ): Promise<void> {
    const { path } = this.#options;
    const table = this.#names[record.kind];
    let database: DatabaseSync | undefined;
    try {
      database = openForReading(record, path, table);
      await act(database, path, table);
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
