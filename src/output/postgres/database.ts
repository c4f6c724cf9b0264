/** The tables of a Postgres output, made, printed and looked after for `nfscribe db`. */

import { POSTGRES, type SqlDialect } from "../../filter/expression/sql/dialect.ts";
import type { TableStatus } from "../define.ts";
import { tablesOf } from "../delivery/complete.ts";
import { ServerDatabase } from "../server/database.ts";
import type { Resolved } from "../server/resolved.ts";
import { changeLine } from "../table/migration.ts";
import { PACKETS } from "../table/packets.ts";
import type { StoreReader } from "../table/reading.ts";
import type { RecordTable } from "../table/record_table.ts";
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
export class PostgresDatabase extends ServerDatabase<Connection, Sql, Table, PostgresOptions> {
  protected readonly names = parseTables(tablesOf(this.options));
  readonly schema: string = schemaScript(this.tables).trimEnd();
  protected readonly readRecords = readRecords;
  protected readonly readFlows = readFlows;
  protected readonly describe = describeConnection;
  protected readonly problemOf = problemOf;
  protected readonly change = migrate;

  constructor(options: PostgresOptions) {
    super(options, parseTable);
  }

  async open(): Promise<StoreReader> {
    const [{ PostgresStore }, { TableReader }] = await Promise.all([
      import("./store.ts"),
      import("../table/reader/reader.ts"),
    ]);
    const { store, mayWrite } = await PostgresStore.open(this.resolved().connection, this.names);
    return new TableReader(store, mayWrite);
  }

  status(timeoutMs: number): Promise<TableStatus[]> {
    return this.connected(
      "look at the tables",
      (sql, where) =>
        this.lookedAt(where, (record, table) => statusOf(sql, record, table, where, timeoutMs)),
    );
  }

  init(print: (line: string) => void): Promise<void> {
    const { retentionDays } = this.options;
    return this.connected("make changes", async (sql, where) => {
      const now = Date.now();
      const today = dayOf(now);
      const days = Array.from(
        { length: DAYS.before + 1 + DAYS.ahead },
        (_, index) => today - DAYS.before + index,
      );
      for (const [record, table] of this.tables) {
        const done = await migrate(sql, record, table, { create: true });
        print(changeLine(where, nameOf(table), done));
        const lines = await maintain(sql, table, { days, retentionDays, nowMs: now });
        const last = new Date((today + DAYS.ahead) * DAY_MS).toISOString().slice(0, 10);
        print(`  partitions: until ${last} (UTC)`);
        for (const line of lines) print(`  ${line}`);
      }
    });
  }

  index(print: (line: string) => void): Promise<void> {
    return this.connected("make changes", async (sql, where) => {
      let made = 0;
      for (const [record, table] of this.tables) {
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

  protected dialectOf(): SqlDialect {
    return POSTGRES;
  }

  protected resolve(): Resolved<Connection> {
    return resolveConnection(this.options.url);
  }

  protected async connect(connection: Connection): Promise<Sql> {
    // Printing the schema needs no client.
    const { client } = await import("./connect.ts");
    return client(connection);
  }

  protected close(sql: Sql): Promise<void> {
    return sql.end({ timeout: 1 });
  }

  protected async migration(sql: Sql, record: RecordTable, table: Table) {
    const { place, version } = await look(sql, record, table);
    return {
      table: nameOf(place),
      version,
      newest: newestOf(record),
      statements: statements(record, place, version),
      run: () => migrate(sql, record, table, { create: true }),
    };
  }
}
