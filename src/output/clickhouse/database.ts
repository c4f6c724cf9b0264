/** The tables of a ClickHouse output, made, printed and looked after for `nfscribe db`. */

import { clickhouseFor, type SqlDialect } from "../../filter/expression/sql/dialect.ts";
import type { TableStatus } from "../define.ts";
import { tablesOf } from "../delivery/complete.ts";
import { ServerDatabase } from "../server/database.ts";
import type { Resolved } from "../server/resolved.ts";
import { changeLine } from "../table/migration.ts";
import { parseTableName } from "../table/name.ts";
import type { RecordTable, TableKind } from "../table/record_table.ts";
import { Client } from "./client.ts";
import { type Connection, describeConnection } from "./connection.ts";
import { findTable, migrate } from "./migrate.ts";
import type { ClickhouseOptions } from "./options.ts";
import { dayOf, dropExpired, expiryLines } from "./partitions.ts";
import { problemOf } from "./problem.ts";
import { readFlows, readRecords } from "./query.ts";
import { resolveConnection } from "./resolve_connection.ts";
import { literal, newestOf, quoted, schemaScript, statements } from "./schema.ts";
import { statusOf } from "./status.ts";

/** The tables of a database, with the options that say where it is. */
export class ClickhouseDatabase
  extends ServerDatabase<Connection, Client, string, ClickhouseOptions> {
  protected readonly names = tablesOf(this.options);
  readonly schema: string = schemaScript(this.tables).trimEnd();
  protected readonly readRecords = readRecords;
  protected readonly readFlows = readFlows;
  protected readonly describe = describeConnection;
  protected readonly problemOf = problemOf;
  protected readonly change = migrate;

  constructor(options: ClickhouseOptions) {
    super(options, parseTableName);
  }

  status(timeoutMs: number): Promise<TableStatus[]> {
    return this.connected("look at the tables", async (client, where) => {
      const tables = await this.lookedAt(where, async (record, table) => {
        const found = await findTable(client, record, table);
        return found.version > 0 ? found : undefined;
      });
      return await statusOf(client, tables, where, timeoutMs);
    });
  }

  init(print: (line: string) => void): Promise<void> {
    const { retentionDays } = this.options;
    return this.connected("make changes", async (client, where) => {
      for (const [record, table] of this.tables) {
        const { change } = await migrate(client, record, table, { create: true });
        print(changeLine(where, table, change));
        if (retentionDays === undefined) continue;
        const today = dayOf(Date.now());
        const expired = await dropExpired(client, table, today, retentionDays, true);
        for (const line of expiryLines(expired)) print(`  ${line}`);
      }
    });
  }

  index(print: (line: string) => void): Promise<void> {
    return this.connected("make changes", async (client, where) => {
      if (!client.server.isModern) {
        print(`${where}: ${client.server.version} has no indexes for addresses; 22.3 has`);
        return;
      }
      await this.makeIndexes(where, print, async (record, table) => {
        if ((await findTable(client, record, table)).version === 0) return undefined;
        const rows = await client.rows(
          "SELECT name FROM system.data_skipping_indices WHERE database = currentDatabase() " +
            `AND table = ${literal(table)}`,
        );
        const missing = record.searched.filter((column) =>
          !rows.some(({ name }) => name === column)
        );
        const change = `ALTER TABLE ${quoted(table)}`;
        return missing.map((column) => ({
          name: `on ${column} of ${table}`,
          async make() {
            await client.run(
              `${change} ADD INDEX ${column} ${column} TYPE bloom_filter GRANULARITY 4`,
            );
            await client.run(`${change} MATERIALIZE INDEX ${column}`);
          },
        }));
      });
    });
  }

  protected dialectOf(kind: TableKind): SqlDialect {
    return clickhouseFor(kind);
  }

  protected resolve(): Resolved<Connection> {
    return resolveConnection(this.options);
  }

  protected connect(connection: Connection): Promise<Client> {
    return Client.open(connection);
  }

  protected close(client: Client): void {
    client.close();
  }

  protected async migration(client: Client, record: RecordTable, table: string) {
    const found = await findTable(client, record, table);
    const { version } = found;
    return {
      table,
      version,
      newest: newestOf(record),
      statements: statements(found, version),
      run: () => migrate(client, record, table, { create: true }),
    };
  }
}
