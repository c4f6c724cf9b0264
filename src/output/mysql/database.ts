/** The tables of a MySQL output, made, printed and looked after for `nfscribe db`. */

import { MYSQL, type SqlDialect } from "../../filter/expression/sql/dialect.ts";
import type { TableStatus } from "../define.ts";
import { tablesOf } from "../delivery/complete.ts";
import { ServerDatabase } from "../server/database.ts";
import type { Resolved } from "../server/resolved.ts";
import { changeLine } from "../table/migration.ts";
import { parseTableName } from "../table/name.ts";
import type { StoreReader } from "../table/reading.ts";
import type { RecordTable } from "../table/record_table.ts";
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
export class MysqlDatabase extends ServerDatabase<Connection, Client, string, MysqlOptions> {
  protected readonly names = tablesOf(this.options);
  readonly schema: string = schemaScript(this.tables).trimEnd();
  protected readonly readRecords = readRecords;
  protected readonly readFlows = readFlows;
  protected readonly describe = describeConnection;
  protected readonly problemOf = problemOf;
  protected readonly change = migrate;

  constructor(options: MysqlOptions) {
    super(options, parseTableName);
  }

  async open(): Promise<StoreReader> {
    const [{ MysqlStore }, { TableReader }] = await Promise.all([
      import("./store.ts"),
      import("../table/reader/reader.ts"),
    ]);
    const { store, mayWrite } = await MysqlStore.open(this.resolved().connection, this.names);
    return new TableReader(store, mayWrite);
  }

  status(timeoutMs: number): Promise<TableStatus[]> {
    return this.connected("look at the tables", (client, where) =>
      this.lookedAt(
        where,
        (record, table) => statusOf(client, record, table, where, timeoutMs),
      ));
  }

  init(print: (line: string) => void): Promise<void> {
    const { retentionDays } = this.options;
    return this.connected("make changes", async (client, where) => {
      const today = dayOf(Date.now());
      for (const [record, table] of this.tables) {
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

  index(print: (line: string) => void): Promise<void> {
    return this.connected(
      "make changes",
      (client, where) =>
        this.makeIndexes(where, print, async (record, table) => {
          if (await versionOf(client, record, table) === 0) return undefined;
          const rows = await client.rows(`SHOW INDEX FROM ${quoted(table)}`);
          const missing = record.searched.filter((column) =>
            !rows.some((row) => row.Column_name === column && Number(row.Seq_in_index) === 1)
          );
          return missing.map((column) => ({
            name: `on ${column} of ${table}`,
            make: () => client.run(`ALTER TABLE ${quoted(table)} ADD KEY (${quoted(column)})`),
          }));
        }),
    );
  }

  protected dialectOf(): SqlDialect {
    return MYSQL;
  }

  protected resolve(): Resolved<Connection> {
    return resolveConnection(this.options.url);
  }

  protected async connect(connection: Connection): Promise<Client> {
    // Printing the schema needs no client.
    const { Client } = await import("./client.ts");
    return await Client.open(connection);
  }

  protected close(client: Client): void {
    client.close();
  }

  protected async migration(client: Client, record: RecordTable, table: string) {
    const version = await versionOf(client, record, table);
    return {
      table,
      version,
      newest: newestOf(record),
      statements: statements(record, table, version),
      run: () => migrate(client, record, table, { create: true }),
    };
  }
}
