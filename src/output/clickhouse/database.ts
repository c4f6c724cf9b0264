/** The tables of a ClickHouse output, made, printed and looked after for `nfscribe db`. */

import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { clickhouseFor } from "../../filter/expression/sql/dialect.ts";
import { type Database, databaseOption, type Question, type TableStatus } from "../define.ts";
import { tablesOf } from "../delivery/complete.ts";
import type { Resolved } from "../server/resolved.ts";
import { conditionFor } from "../table/condition.ts";
import { FLOWS } from "../table/flows.ts";
import { changeLine, migrateTable, missing } from "../table/migration.ts";
import { parseTableName } from "../table/name.ts";
import { answerNat, type NatAnswer, type NatQuestion } from "../table/nat_question.ts";
import { PACKETS } from "../table/packets.ts";
import type { RecordTable, TableKind, TableNames } from "../table/record_table.ts";
import { RECORD_TABLES, recordTableOf } from "../table/record_tables.ts";
import type { StoredRecord } from "../table/stored_record.ts";
import { Client } from "./client.ts";
import { type Connection, describeConnection } from "./connection.ts";
import { findTable, type FoundTable, migrate } from "./migrate.ts";
import type { ClickhouseOptions } from "./options.ts";
import { dayOf, dropExpired, expiryLines } from "./partitions.ts";
import { problemOf } from "./problem.ts";
import { readFlows, readRecords } from "./query.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { literal, newestOf, quoted, schemaScript, statements } from "./schema.ts";
import { statusOf } from "./status.ts";

/** The tables of a database, with the options that say where it is. */
export class ClickhouseDatabase implements Database {
  readonly schema: string;
  readonly #options: ClickhouseOptions;
  readonly #names: TableNames;

  /**
   * Reads the tables' names; connects to nothing.
   *
   * @throws {DatabaseOptionError} If one is none.
   */
  constructor(options: ClickhouseOptions) {
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
    return conditionFor(kind, expression, clickhouseFor(kind));
  }

  async query(
    question: Question,
    take: (record: StoredRecord) => Promise<boolean>,
  ): Promise<void> {
    const { where, kind } = question;
    const record = recordTableOf(kind);
    const condition = where === undefined ? undefined : this.condition(where, kind);
    await this.#found(record, `read ${record.name}`, async (client, found, place) => {
      await readRecords(client, found, condition, question, take, place);
    });
  }

  translations(question: NatQuestion): Promise<NatAnswer> {
    return answerNat(
      question,
      clickhouseFor("flow"),
      (conditions, take) =>
        this.#found(FLOWS, "read flows", async (client, found, place) => {
          await readFlows(client, found, conditions, question.timeoutMs, take, place);
        }),
    );
  }

  status(timeoutMs: number): Promise<TableStatus[]> {
    return this.#connected("look at the tables", async (client, where) => {
      const there: FoundTable[] = [];
      for (const [record, table] of this.#tables) {
        const found = await findTable(client, record, table);
        if (found.version > 0) there.push(found);
        else if (record === PACKETS) throw missing(where, table);
      }
      return await statusOf(client, there, where, timeoutMs);
    });
  }

  async migrate(print: (line: string) => void, isTrial: boolean): Promise<void> {
    await this.#connected("make changes", async (client, where) => {
      for (const [record, table] of this.#tables) {
        const found = await findTable(client, record, table);
        const { version } = found;
        await migrateTable(
          {
            where,
            table,
            version,
            newest: newestOf(record),
            statements: statements(found, version),
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
      for (const [record, table] of this.#tables) {
        const { change } = await migrate(client, record, table, { create: true });
        print(changeLine(where, table, change));
        if (retentionDays === undefined) continue;
        const today = dayOf(Date.now());
        const expired = await dropExpired(client, table, today, retentionDays, true);
        for (const line of expiryLines(expired)) print(`  ${line}`);
      }
    });
  }

  async index(print: (line: string) => void): Promise<void> {
    await this.#connected("make changes", async (client, where) => {
      if (!client.server.isModern) {
        print(`${where}: ${client.server.version} has no indexes for addresses; 22.3 has`);
        return;
      }
      for (const [record, table] of this.#tables) {
        if (record.searched.length === 0) continue;
        if ((await findTable(client, record, table)).version === 0) continue;
        const rows = await client.rows(
          "SELECT name FROM system.data_skipping_indices WHERE database = currentDatabase() " +
            `AND table = ${literal(table)}`,
        );
        const missing = record.searched.filter((column) =>
          !rows.some(({ name }) => name === column)
        );
        for (const column of missing) {
          print(`${where}: index on ${column} of ${table}`);
          await client.run(
            `ALTER TABLE ${
              quoted(table)
            } ADD INDEX ${column} ${column} TYPE bloom_filter GRANULARITY 4`,
          );
          await client.run(`ALTER TABLE ${quoted(table)} MATERIALIZE INDEX ${column}`);
        }
        if (missing.length === 0) {
          print(`${where}: table ${table}: both addresses have their indexes`);
        }
      }
    });
  }

  #resolve(): Resolved<Connection> {
    return databaseOption("url", () => resolveConnection(this.#options));
  }

  /** Connects, and finds a table, which must be there. */
  #found<Result>(
    record: RecordTable,
    doing: string,
    act: (client: Client, found: FoundTable, where: string) => Promise<Result>,
  ): Promise<Result> {
    const table = this.#names[record.kind];
    return this.#connected(doing, async (client, where) => {
      const found = await findTable(client, record, table);
      if (found.version === 0) throw missing(where, table);
      return await act(client, found, where);
    });
  }

  /** Connects, and puts what the server refuses into words. */
  async #connected<Result>(
    doing: string,
    act: (client: Client, where: string) => Promise<Result>,
  ): Promise<Result> {
    const { connection } = this.#resolve();
    const where = describeConnection(connection);
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
