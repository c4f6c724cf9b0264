/** The tables of a MySQL output, made, printed and looked after for `nfscribe db`. */

import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { MYSQL } from "../../filter/expression/sql/dialect.ts";
import { type Database, databaseOption, type Question, type TableStatus } from "../define.ts";
import { tablesOf } from "../delivery/complete.ts";
import type { Resolved } from "../server/resolved.ts";
import { conditionFor } from "../table/condition.ts";
import { changeLine, migrateTable, missing } from "../table/migration.ts";
import { parseTableName } from "../table/name.ts";
import { answerNat, type NatAnswer, type NatQuestion } from "../table/nat_question.ts";
import { PACKETS } from "../table/packets.ts";
import type { StoreReader } from "../table/reading.ts";
import type { RecordTable, TableKind, TableNames } from "../table/record_table.ts";
import { RECORD_TABLES, recordTableOf } from "../table/record_tables.ts";
import type { StoredRecord } from "../table/stored_record.ts";
import type { Client } from "./client.ts";
import { type Connection, describeConnection } from "./connection.ts";
import { migrate, versionOf } from "./migrate.ts";
import type { MysqlOptions } from "./options.ts";
import { dayOf, dropExpired, ensurePartitions } from "./partitions.ts";
import { problemOf } from "./problem.ts";
import { readFlows, readRecords } from "./query.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { newestOf, quoted, schemaScript, statements } from "./schema.ts";
import { statusOf } from "./status.ts";
import { expiryLines } from "./sender/maintainer.ts";

/** Days to come that get a partition. */
const DAYS_AHEAD = 7;

/** The tables of a database, with the options that say where it is. */
export class MysqlDatabase implements Database {
  readonly schema: string;
  readonly #options: MysqlOptions;
  readonly #names: TableNames;

  /**
   * Reads the tables' names; connects to nothing.
   *
   * @throws {DatabaseOptionError} If one is none.
   */
  constructor(options: MysqlOptions) {
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

  needs(): Need[] {
    return this.#resolve().needs;
  }

  condition(expression: string, kind: TableKind): string {
    return conditionFor(kind, expression, MYSQL);
  }

  async query(
    question: Question,
    take: (record: StoredRecord) => Promise<boolean>,
  ): Promise<void> {
    const { where, kind } = question;
    const record = recordTableOf(kind);
    const condition = where === undefined ? undefined : this.condition(where, kind);
    await this.#connected(`read ${record.name}`, async (client, place) => {
      const table = this.#names[kind];
      await readRecords(client, record, table, condition, question, take, place);
    });
  }

  translations(question: NatQuestion): Promise<NatAnswer> {
    return answerNat(
      question,
      MYSQL,
      (conditions, take) =>
        this.#connected("read flows", async (client, place) => {
          const table = this.#names.flow;
          await readFlows(client, table, conditions, question.timeoutMs, take, place);
        }),
    );
  }

  async open(): Promise<StoreReader> {
    const [{ MysqlStore }, { TableReader }] = await Promise.all([
      import("./store.ts"),
      import("../table/reader/reader.ts"),
    ]);
    const { store, mayWrite } = await MysqlStore.open(this.#resolve().connection, this.#names);
    return new TableReader(store, mayWrite);
  }

  status(timeoutMs: number): Promise<TableStatus[]> {
    return this.#connected("look at the tables", async (client, where) => {
      const found: TableStatus[] = [];
      for (const [record, table] of this.#tables) {
        const status = await statusOf(client, record, table, where, timeoutMs);
        if (status !== undefined) found.push(status);
        else if (record === PACKETS) throw missing(where, table);
      }
      return found;
    });
  }

  async migrate(print: (line: string) => void, isTrial: boolean): Promise<void> {
    await this.#connected("make changes", async (client, where) => {
      for (const [record, table] of this.#tables) {
        const version = await versionOf(client, record, table);
        await migrateTable(
          {
            where,
            table,
            version,
            newest: newestOf(record),
            statements: statements(record, table, version),
            mayMake: record !== PACKETS,
            run: () => migrate(client, record, table, { create: true }),
          },
          print,
          isTrial,
        );
      }
    });
  }

  async init(print: (line: string) => void): Promise<void> {
    const { retentionDays } = this.#options;
    await this.#connected("make changes", async (client, where) => {
      const today = dayOf(Date.now());
      for (const [record, table] of this.#tables) {
        const done = await migrate(client, record, table, { create: true });
        print(changeLine(where, table, done));
        await ensurePartitions(client, table, today - 1, today + DAYS_AHEAD);
        const last = new Date((today + DAYS_AHEAD) * 86_400_000).toISOString().slice(0, 10);
        print(`  partitions: until ${last} (UTC)`);
        if (retentionDays === undefined) continue;
        const expired = await dropExpired(client, table, today, retentionDays, true);
        for (const line of expiryLines(expired)) print(`  ${line}`);
      }
    });
  }

  async index(print: (line: string) => void): Promise<void> {
    await this.#connected("make changes", async (client, where) => {
      for (const [record, table] of this.#tables) {
        if (record.searched.length === 0) continue;
        if (await versionOf(client, record, table) === 0) continue;
        const rows = await client.rows(`SHOW INDEX FROM ${quoted(table)}`);
        const missing = record.searched.filter((column) =>
          !rows.some((row) => row.Column_name === column && Number(row.Seq_in_index) === 1)
        );
        for (const column of missing) {
          print(`${where}: index on ${column} of ${table}`);
          await client.run(`ALTER TABLE ${quoted(table)} ADD KEY (${quoted(column)})`);
        }
        if (missing.length === 0) {
          print(`${where}: table ${table}: both addresses have their indexes`);
        }
      }
    });
  }

  #resolve(): Resolved<Connection> {
    return databaseOption("url", () => resolveConnection(this.#options.url));
  }

  /** Connects, and puts what the server refuses into words. */
  async #connected<Result>(
    doing: string,
    act: (client: Client, where: string) => Promise<Result>,
  ): Promise<Result> {
    const { connection } = this.#resolve();
    const where = describeConnection(connection);
    // Printing the schema takes none of it.
    const { Client } = await import("./client.ts");
    let client: Client | undefined;
    try {
      client = await Client.open(connection);
      return await act(client, where);
    } catch (error) {
      const { message } = problemOf(error, connection, doing);
      throw new OutputError(where, message, { cause: error });
    } finally {
      client?.close();
    }
  }
}
