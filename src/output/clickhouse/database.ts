/** The table of a ClickHouse output, made, printed and looked after for `nfscribe db`. */

import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { ExpressionError } from "../../filter/expression/error.ts";
import { CLICKHOUSE } from "../../filter/expression/sql/dialect.ts";
import { type Database, databaseOption, type Question, type TableStatus } from "../define.ts";
import type { Resolved } from "../server/resolved.ts";
import { changeLine, migrateTable, missing } from "../table/migration.ts";
import { parseTableName } from "../table/name.ts";
import { conditionFor } from "../table/condition.ts";
import type { NatAnswer } from "../table/nat_question.ts";
import type { TableKind } from "../table/record_table.ts";
import type { StoredRecord } from "../table/stored_record.ts";
import { Client } from "./client.ts";
import { type Connection, describeConnection } from "./connection.ts";
import { findTable, type FoundTable, migrate } from "./migrate.ts";
import type { ClickhouseOptions } from "./options.ts";
import { dayOf, dropExpired, expiryLines } from "./partitions.ts";
import { problemOf } from "./problem.ts";
import { readPackets } from "./query.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { literal, quoted, schemaScript, statements, VERSION } from "./schema.ts";
import { statusOf } from "./status.ts";

/** Columns to search by. */
const INDEXED = ["source_address", "destination_address"] as const;

const NO_FLOWS = "ClickHouse has no table of flows; search them in another database";

/** The table of a database, with the options that say where it is. */
export class ClickhouseDatabase implements Database {
  readonly schema: string;
  readonly #options: ClickhouseOptions;

  /**
   * Reads the table's name; connects to nothing.
   *
   * @throws {DatabaseOptionError} If it is none.
   */
  constructor(options: ClickhouseOptions) {
    this.#options = options;
    databaseOption("table", () => parseTableName(options.table));
    this.schema = schemaScript(options.table).trimEnd();
  }

  needs(): Need[] {
    return this.#resolve().needs;
  }

  condition(expression: string, kind: TableKind): string {
    if (kind === "packet") return conditionFor(kind, expression, CLICKHOUSE);
    throw new ExpressionError(expression, { start: 0, end: expression.length }, NO_FLOWS);
  }

  async query(
    { kind, ...question }: Question,
    take: (record: StoredRecord) => Promise<boolean>,
  ): Promise<void> {
    const { where: expression } = question;
    if (kind !== "packet") throw new OutputError(this.#where, NO_FLOWS);
    const condition = expression === undefined ? undefined : this.condition(expression, kind);
    await this.#found("read packets", async (client, found, where) => {
      await readPackets(client, found, condition, question, take, where);
    });
  }

  translations(): Promise<NatAnswer> {
    return Promise.reject(new OutputError(this.#where, NO_FLOWS));
  }

  async status(timeoutMs: number): Promise<TableStatus[]> {
    return [
      await this.#found(
        "look at the table",
        (client, found, where) => statusOf(client, found, where, timeoutMs),
      ),
    ];
  }

  async migrate(print: (line: string) => void, isTrial: boolean): Promise<void> {
    const { table } = this.#options;
    await this.#connected("make changes", async (client, where) => {
      const found = await findTable(client, table);
      const { version } = found;
      await migrateTable(
        {
          where,
          table,
          version,
          newest: VERSION,
          statements: statements(found, version),
          mayMake: false,
          run: () => migrate(client, table, { create: true }),
        },
        print,
        isTrial,
      );
    });
  }

  async init(print: (line: string) => void): Promise<void> {
    const { table, retentionDays } = this.#options;
    await this.#connected("make changes", async (client, where) => {
      const { change } = await migrate(client, table, { create: true });
      print(changeLine(where, table, change));
      if (retentionDays === undefined) return;
      const today = dayOf(Date.now());
      const expired = await dropExpired(client, table, today, retentionDays, true);
      for (const line of expiryLines(expired)) print(`  ${line}`);
    });
  }

  async index(print: (line: string) => void): Promise<void> {
    await this.#found("make changes", async (client, { table }, where) => {
      if (!client.server.isModern) {
        print(`${where}: ${client.server.version} has no indexes for addresses; 22.3 has`);
        return;
      }
      const rows = await client.rows(
        "SELECT name FROM system.data_skipping_indices WHERE database = currentDatabase() " +
          `AND table = ${literal(table)}`,
      );
      const missing = INDEXED.filter((column) => !rows.some(({ name }) => name === column));
      for (const column of missing) {
        print(`${where}: index on ${column}`);
        await client.run(
          `ALTER TABLE ${
            quoted(table)
          } ADD INDEX ${column} ${column} TYPE bloom_filter GRANULARITY 4`,
        );
        await client.run(`ALTER TABLE ${quoted(table)} MATERIALIZE INDEX ${column}`);
      }
      if (missing.length === 0) print(`${where}: both addresses have their indexes`);
    });
  }

  /** The database in messages. */
  get #where(): string {
    return describeConnection(this.#resolve().connection);
  }

  #resolve(): Resolved<Connection> {
    return databaseOption("url", () => resolveConnection(this.#options));
  }

  /** Connects, and finds the table, which must be there. */
  #found<Result>(
    doing: string,
    act: (client: Client, found: FoundTable, where: string) => Promise<Result>,
  ): Promise<Result> {
    const { table } = this.#options;
    return this.#connected(doing, async (client, where) => {
      const found = await findTable(client, table);
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
