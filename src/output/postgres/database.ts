/** The table of a Postgres output, made, printed and looked after for `nfscribe db`. */

import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { packetExpression } from "../../filter/expression/expression.ts";
import { sqlCondition } from "../../filter/expression/sql/compile.ts";
import { POSTGRES } from "../../filter/expression/sql/dialect.ts";
import { type Database, databaseOption, type Question, type TableStatus } from "../define.ts";
import type { Resolved } from "../server/resolved.ts";
import { changeLine, migrateTable, missing } from "../table/migration.ts";
import type { StoredPacket } from "../table/stored_packet.ts";
import { problemOf } from "./connect_error.ts";
import { type Connection, describeConnection } from "./connection.ts";
import { indexClosedDays } from "./indexes.ts";
import { dayOf, maintain } from "./maintenance.ts";
import { look, migrate, type Sql } from "./migrate.ts";
import type { PostgresOptions } from "./options.ts";
import { readPackets } from "./query.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { schemaScript, statements, VERSION } from "./schema.ts";
import { statusOf } from "./status.ts";
import { nameOf, parseTable, type Table } from "./table.ts";

const DAY_MS = 86_400_000;
/** Days that get a partition: yesterday, whose last packets may be on their way, to a week ahead. */
const DAYS = { before: 1, ahead: 7 };

/** The table of a database, with the options that say where it is. */
export class PostgresDatabase implements Database {
  readonly schema: string;
  readonly #table: Table;
  readonly #options: PostgresOptions;

  /**
   * Reads the table's name; connects to nothing.
   *
   * @throws {DatabaseOptionError} If it is none.
   */
  constructor(options: PostgresOptions) {
    this.#options = options;
    this.#table = databaseOption("table", () => parseTable(options.table));
    this.schema = schemaScript(this.#table).trimEnd();
  }

  needs(): Need[] {
    return this.#resolve().needs;
  }

  condition(expression: string): string {
    return sqlCondition(expression, packetExpression(expression), POSTGRES);
  }

  async query(
    question: Question,
    take: (packet: StoredPacket) => Promise<boolean>,
  ): Promise<void> {
    const condition = question.where === undefined ? undefined : this.condition(question.where);
    await this.#connected("read packets", async (sql, where) => {
      await readPackets(sql, this.#table, condition, question, take, where);
    });
  }

  status(timeoutMs: number): Promise<TableStatus> {
    return this.#connected("look at the table", async (sql, where) => {
      const status = await statusOf(sql, this.#table, where, timeoutMs);
      if (status === undefined) throw missing(where, nameOf(this.#table));
      return status;
    });
  }

  async migrate(print: (line: string) => void, isTrial: boolean): Promise<void> {
    await this.#connected("make changes", async (sql, where) => {
      const { place, version } = await look(sql, this.#table);
      await migrateTable(
        {
          where,
          table: nameOf(place),
          version,
          newest: VERSION,
          statements: statements(place, version),
          run: () => migrate(sql, this.#table, { create: true }),
        },
        print,
        isTrial,
      );
    });
  }

  async init(print: (line: string) => void): Promise<void> {
    const table = this.#table;
    const { retentionDays } = this.#options;
    await this.#connected("make changes", async (sql, where) => {
      const now = Date.now();
      const today = dayOf(now);
      const done = await migrate(sql, table, { create: true });
      print(changeLine(where, nameOf(table), done));
      const days = Array.from(
        { length: DAYS.before + 1 + DAYS.ahead },
        (_, index) => today - DAYS.before + index,
      );
      const lines = await maintain(sql, table, { days, retentionDays, nowMs: now });
      const last = new Date((today + DAYS.ahead) * DAY_MS).toISOString().slice(0, 10);
      print(`  partitions: until ${last} (UTC)`);
      for (const line of lines) print(`  ${line}`);
    });
  }

  async index(print: (line: string) => void): Promise<void> {
    await this.#connected("make changes", async (sql, where) => {
      let made = 0;
      await indexClosedDays(sql, this.#table, Date.now(), (name) => {
        made++;
        print(`${where}: index on ${name}`);
      });
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
