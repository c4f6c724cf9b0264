/** The table of a MySQL output, made, printed and looked after for `nfscribe db`. */

import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { packetExpression } from "../../filter/expression/expression.ts";
import { sqlCondition } from "../../filter/expression/sql/compile.ts";
import { MYSQL } from "../../filter/expression/sql/dialect.ts";
import { type Database, databaseOption, type Question, type TableStatus } from "../define.ts";
import type { Resolved } from "../server/resolved.ts";
import { changeLine, migrateTable, missing } from "../table/migration.ts";
import type { StoredPacket } from "../table/stored_packet.ts";
import { parseTableName } from "../table/name.ts";
import type { Client } from "./client.ts";
import { type Connection, describeConnection } from "./connection.ts";
import { migrate, versionOf } from "./migrate.ts";
import type { MysqlOptions } from "./options.ts";
import { dayOf, dropExpired, ensurePartitions } from "./partitions.ts";
import { problemOf } from "./problem.ts";
import { readPackets } from "./query.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { quoted, schemaScript, statements, VERSION } from "./schema.ts";
import { statusOf } from "./status.ts";
import { expiryLines } from "./sender/maintainer.ts";

/** Days to come that get a partition. */
const DAYS_AHEAD = 7;
/** Columns to search by. */
const INDEXED = ["source_address", "destination_address"] as const;

/** The table of a database, with the options that say where it is. */
export class MysqlDatabase implements Database {
  readonly schema: string;
  readonly #options: MysqlOptions;

  /**
   * Reads the table's name; connects to nothing.
   *
   * @throws {DatabaseOptionError} If it is none.
   */
  constructor(options: MysqlOptions) {
    this.#options = options;
    databaseOption("table", () => parseTableName(options.table));
    this.schema = schemaScript(options.table).trimEnd();
  }

  needs(): Need[] {
    return this.#resolve().needs;
  }

  condition(expression: string): string {
    return sqlCondition(expression, packetExpression(expression), MYSQL);
  }

  async query(
    question: Question,
    take: (packet: StoredPacket) => Promise<boolean>,
  ): Promise<void> {
    const { table } = this.#options;
    const condition = question.where === undefined ? undefined : this.condition(question.where);
    await this.#connected("read packets", async (client, where) => {
      await readPackets(client, table, condition, question, take, where);
    });
  }

  status(timeoutMs: number): Promise<TableStatus> {
    const { table } = this.#options;
    return this.#connected("look at the table", async (client, where) => {
      const status = await statusOf(client, table, where, timeoutMs);
      if (status === undefined) throw missing(where, table);
      return status;
    });
  }

  async migrate(print: (line: string) => void, isTrial: boolean): Promise<void> {
    const { table } = this.#options;
    await this.#connected("make changes", async (client, where) => {
      const version = await versionOf(client, table);
      await migrateTable(
        {
          where,
          table,
          version,
          newest: VERSION,
          statements: statements(table, version),
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
      const today = dayOf(Date.now());
      const done = await migrate(client, table, { create: true });
      print(changeLine(where, table, done));
      await ensurePartitions(client, table, today - 1, today + DAYS_AHEAD);
      const last = new Date((today + DAYS_AHEAD) * 86_400_000).toISOString().slice(0, 10);
      print(`  partitions: until ${last} (UTC)`);
      if (retentionDays === undefined) return;
      const expired = await dropExpired(client, table, today, retentionDays, true);
      for (const line of expiryLines(expired)) print(`  ${line}`);
    });
  }

  async index(print: (line: string) => void): Promise<void> {
    const { table } = this.#options;
    await this.#connected("make changes", async (client, where) => {
      const rows = await client.rows(`SHOW INDEX FROM ${quoted(table)}`);
      const missing = INDEXED.filter((column) =>
        !rows.some((row) => row.Column_name === column && Number(row.Seq_in_index) === 1)
      );
      for (const column of missing) {
        print(`${where}: index on ${column}`);
        await client.run(`ALTER TABLE ${quoted(table)} ADD KEY (${quoted(column)})`);
      }
      if (missing.length === 0) print(`${where}: both addresses have their indexes`);
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
