/**
 * One empty database of each kind that has a reader, with a writer and the database's own client.
 *
 * @module
 */

import type { Database } from "../../src/output/define.ts";
import { tablesOf } from "../../src/output/delivery/complete.ts";
import { connectionOf } from "../../src/output/mysql/connection.ts";
import { MysqlDatabase } from "../../src/output/mysql/database.ts";
import type { MysqlOptions } from "../../src/output/mysql/options.ts";
import { MysqlStore } from "../../src/output/mysql/store.ts";
import type { Writer } from "../../src/output/output.ts";
import { PostgresDatabase } from "../../src/output/postgres/database.ts";
import type { PostgresOptions } from "../../src/output/postgres/options.ts";
import { PostgresStore } from "../../src/output/postgres/store.ts";
import { parseTables } from "../../src/output/postgres/table.ts";
import { SqliteDatabase } from "../../src/output/sqlite/database.ts";
import type { SqliteOptions } from "../../src/output/sqlite/options.ts";
import { SqliteStore } from "../../src/output/sqlite/store.ts";
import type { Store } from "../../src/output/table/reader/store.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { to } from "../postgres/connect_server.ts";
import { openWriter } from "../postgres/sending.ts";
import { temporaryFolder } from "../system/process.ts";
import { MariaServer, noServer } from "./maria_server.ts";
import { spoolTo } from "./mysql.ts";
import { recorder } from "./rows.ts";
import { place } from "./sqlite.ts";

/** Reason why servers cannot be started; undefined if they can. */
export const missing: string | undefined = noServer() ?? await noCluster();

const TABLES = { table: "packets", flowsTable: "flows", countersTable: "counters" };

/** A database. */
export interface TestStore {
  name: "sqlite" | "postgres" | "mysql";
  database: Database;
  /** Messages of the writers. */
  said: string[];
  /** Folder of the spool. */
  spool: string;
  open(): Promise<Writer>;
  /** Opens the output without the right to change tables; a file's tables are always brought up to date. */
  openAsItIs?(): Promise<Writer>;
  /** Opens the database as its reader does; the tables must be there. */
  store(): Promise<Store>;
  /** Returns the rows of a query, the values of a row joined by `|`. */
  query(sql: string): Promise<string[]>;
}

/** Starts the servers, and makes empty databases. */
export async function startStores(): Promise<TestStore[] & AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const sqlite = stack.use(await place());
  const cluster = stack.use(await Cluster.start());
  const server = stack.use(await MariaServer.start());
  const folder = stack.use(await temporaryFolder());
  const mysql = stack.use(await spoolTo(server, "nfscribe"));
  const asItIs = stack.use(await spoolTo(server, "nfscribe", { create: false }));
  const { said, log } = recorder();
  const kept = stack.move();
  const stores: TestStore[] = [{
    name: "sqlite",
    database: new SqliteDatabase({ path: sqlite.path, ...TABLES } as SqliteOptions),
    said: sqlite.said,
    spool: sqlite.spool,
    open: sqlite.open,
    store: () => Promise.resolve(new SqliteStore(sqlite.path, tablesOf(TABLES))),
    query(sql) {
      using database = sqlite.database();
      const rows = database.prepare(sql).all();
      return Promise.resolve(rows.map((row) => Object.values(row).join("|")));
    },
  }, {
    name: "postgres",
    database: new PostgresDatabase({ url: cluster.url(), ...TABLES } as PostgresOptions),
    said,
    spool: `${folder.path}/spool`,
    open: () => openWriter(cluster.url(), `${folder.path}/spool`, log),
    openAsItIs: () => openWriter(cluster.url(), `${folder.path}/spool`, log, { create: false }),
    store: async () =>
      (await PostgresStore.open(to(cluster.url()), parseTables(tablesOf(TABLES)))).store,
    query: async (sql) => (await cluster.sql(sql)).split("\n").filter((line) => line !== ""),
  }, {
    name: "mysql",
    database: new MysqlDatabase({ url: server.url("nfscribe"), ...TABLES } as MysqlOptions),
    said: mysql.said,
    spool: mysql.spool,
    open: () => mysql.open(),
    openAsItIs: () => asItIs.open(),
    store: async () => {
      const connection = connectionOf(server.url("nfscribe"), () => undefined);
      return (await MysqlStore.open(connection, tablesOf(TABLES))).store;
    },
    query: async (sql) =>
      (await mysql.query(sql)).split("\n").filter((line) => line !== "")
        .map((line) => line.replaceAll("\t", "|")),
  }];
  return Object.assign(stores, { [Symbol.asyncDispose]: () => kept.disposeAsync() });
}
