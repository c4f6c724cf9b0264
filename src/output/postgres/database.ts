/** The tables of a Postgres output, made, printed and looked after for `nfscribe db`. */

import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { POSTGRES } from "../../filter/expression/sql/dialect.ts";
import { type Database, databaseOption, type Question, type TableStatus } from "../define.ts";
import { tablesOf } from "../delivery/complete.ts";
import type { Resolved } from "../server/resolved.ts";
import { conditionFor } from "../table/condition.ts";
import { changeLine, migrateTable, missing } from "../table/migration.ts";
import { answerNat, type NatAnswer, type NatQuestion } from "../table/nat_question.ts";
import { PACKETS } from "../table/packets.ts";
import type { StoreReader } from "../table/reading.ts";
import type { RecordTable, TableKind } from "../table/record_table.ts";
import { RECORD_TABLES, recordTableOf } from "../table/record_tables.ts";
import type { StoredRecord } from "../table/stored_record.ts";
import { problemOf } from "./connect_error.ts";
import { type Connection, describeConnection } from "./connection.ts";
import { indexClosedDays } from "./indexes.ts";
import { dayOf, maintain } from "./maintenance.ts";
import { look, migrate, type Sql } from "./migrate.ts";
import type { PostgresOptions } from "./options.ts";
import { readFlows, readRecords } from "./query.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { newestOf, schemaScript, statements } from "./schema.ts";
import { statusOf } from "./status.ts";
import { nameOf, parseTable, parseTables, type Table } from "./table.ts";

const DAY_MS = 86_400_000;
/** Days that get a partition: yesterday, whose last rows may be on their way, to a week ahead. */
const DAYS = { before: 1, ahead: 7 };

/** The tables of a database, with the options that say where it is. */
export class PostgresDatabase implements Database {
  readonly schema: string;
  readonly #places: Readonly<Record<TableKind, Table>>;
  readonly #options: PostgresOptions;

  /**
   * Reads the tables' names; connects to nothing.
   *
   * @throws {DatabaseOptionError} If one is none.
   */
  constructor(options: PostgresOptions) {
    this.#options = options;
    for (const { option } of RECORD_TABLES) {
      databaseOption(option, () => parseTable(options[option]));
    }
    this.#places = parseTables(tablesOf(options));
    this.schema = schemaScript(this.#tables).trimEnd();
  }

  /** All tables with their names. */
  get #tables(): [RecordTable, Table][] {
    return RECORD_TABLES.map((record) => [record, this.#places[record.kind]]);
  }

  needs(): Need[] {
    return this.#resolve().needs;
  }

  condition(expression: string, kind: TableKind): string {
    return conditionFor(kind, expression, POSTGRES);
  }

  async query(
    question: Question,
    take: (record: StoredRecord) => Promise<boolean>,
  ): Promise<void> {
    const { where, kind } = question;
    const record = recordTableOf(kind);
    const condition = where === undefined ? undefined : this.condition(where, kind);
    await this.#connected(`read ${record.name}`, async (sql, place) => {
      await readRecords(sql, record, this.#places[kind], condition, question, take, place);
    });
  }

  translations(question: NatQuestion): Promise<NatAnswer> {
    return answerNat(
      question,
      POSTGRES,
      (conditions, take) =>
        this.#connected("read flows", async (sql, place) => {
          const table = this.#places.flow;
          await readFlows(sql, table, conditions, question.timeoutMs, take, place);
        }),
    );
  }

  async open(): Promise<StoreReader> {
    const [{ PostgresStore }, { TableReader }] = await Promise.all([
      import("./store.ts"),
      import("../table/reader/reader.ts"),
    ]);
    const { store, mayWrite } = await PostgresStore.open(this.#resolve().connection, this.#places);
    return new TableReader(store, mayWrite);
  }

  status(timeoutMs: number): Promise<TableStatus[]> {
    return this.#connected("look at the tables", async (sql, where) => {
      const found: TableStatus[] = [];
      for (const [record, table] of this.#tables) {
        const status = await statusOf(sql, record, table, where, timeoutMs);
        if (status !== undefined) found.push(status);
        else if (record === PACKETS) throw missing(where, nameOf(table));
      }
      return found;
    });
  }

  async migrate(print: (line: string) => void, isTrial: boolean): Promise<void> {
    await this.#connected("make changes", async (sql, where) => {
      for (const [record, table] of this.#tables) {
        const { place, version } = await look(sql, record, table);
        await migrateTable(
          {
            where,
            table: nameOf(place),
            version,
            newest: newestOf(record),
            statements: statements(record, place, version),
            mayMake: record !== PACKETS,
            run: () => migrate(sql, record, table, { create: true }),
          },
          print,
          isTrial,
        );
      }
    });
  }

  async init(print: (line: string) => void): Promise<void> {
    const { retentionDays } = this.#options;
    await this.#connected("make changes", async (sql, where) => {
      const now = Date.now();
      const today = dayOf(now);
      const days = Array.from(
        { length: DAYS.before + 1 + DAYS.ahead },
        (_, index) => today - DAYS.before + index,
      );
      for (const [record, table] of this.#tables) {
        const done = await migrate(sql, record, table, { create: true });
        print(changeLine(where, nameOf(table), done));
        const lines = await maintain(sql, table, { days, retentionDays, nowMs: now });
        const last = new Date((today + DAYS.ahead) * DAY_MS).toISOString().slice(0, 10);
        print(`  partitions: until ${last} (UTC)`);
        for (const line of lines) print(`  ${line}`);
      }
    });
  }

  async index(print: (line: string) => void): Promise<void> {
    await this.#connected("make changes", async (sql, where) => {
      let made = 0;
      for (const [record, table] of this.#tables) {
        if (record.searched.length === 0) continue;
        if ((await look(sql, record, table)).version === 0 && record !== PACKETS) continue;
        await indexClosedDays(sql, table, record.searched, Date.now(), (name) => {
          made++;
          print(`${where}: index on ${name}`);
        });
      }
      if (made === 0) print(`${where}: every day that is over has its indexes`);
    });
  }

  #resolve(): Resolved<Connection> {
    return databaseOption("url", () => resolveConnection(this.#options.url));
  }

  /** Connects, and puts what the server refuses into words. */
  async #connected<Result>(
    doing: string,
    act: (sql: Sql, where: string) => Promise<Result>,
  ): Promise<Result> {
    const { connection } = this.#resolve();
    const where = describeConnection(connection);
    // Printing the schema takes none of it.
    const { client } = await import("./connect.ts");
    const sql = client(connection);
    try {
      return await act(sql, where);
    } catch (error) {
      const { message } = problemOf(error, connection, doing);
      throw new OutputError(where, message, { cause: error });
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}
