/**
 * The suite of all outputs, for databases.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { outputFixtures } from "../conformance/outputs/fixtures.ts";
import { testWriters } from "../conformance/system/writer_suite.ts";
import { temporaryFolder } from "../system/process.ts";
import { ClickServer, noServer as noClickServer, PASSWORD } from "./click_server.ts";
import { MariaServer, noServer } from "./maria_server.ts";

const sqlite = outputFixtures.sqlite!;
testWriters({
  type: "sqlite",
  fixture: sqlite,
  async place(variant) {
    const { path, ...folder } = await temporaryFolder();
    const table = { ...sqlite.place(path), ...variant };
    return {
      folder: path,
      table,
      arrived() {
        using database = opened(String(sqlite.place(path).path));
        const rows = database.prepare("SELECT source_port FROM packets ORDER BY rowid").all();
        return Promise.resolve(rows.map(({ source_port }) => Number(source_port)));
      },
      tear: () => Promise.resolve(),
      ...folder,
    };
  },
});

const mysql = outputFixtures.mysql!;
const missing = noServer();
let server: MariaServer;
let databases = 0;
Deno.test.beforeAll(async () => {
  if (missing === undefined) server = await MariaServer.start();
});
Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());
testWriters({
  type: "mysql",
  fixture: mysql,
  missing,
  async place(variant) {
    const { path, ...folder } = await temporaryFolder();
    const database = `conformance_${databases++}`;
    await server.database(database);
    return {
      folder: path,
      table: { ...mysql.place(path), url: server.url(database), create: true, ...variant },
      async arrived() {
        const rows = await server.sql("SELECT source_port FROM packets", database);
        return rows === "" ? [] : rows.split("\n").map(Number);
      },
      tear: () => Promise.resolve(),
      ...folder,
    };
  },
});

const clickhouse = outputFixtures.clickhouse!;
const missingClick = noClickServer();
let clickServer: ClickServer;
Deno.test.beforeAll(async () => {
  if (missingClick === undefined) clickServer = await ClickServer.start();
});
Deno.test.afterAll(async () => await clickServer?.[Symbol.asyncDispose]());
testWriters({
  type: "clickhouse",
  fixture: clickhouse,
  missing: missingClick,
  async place(variant) {
    const { path, ...folder } = await temporaryFolder();
    const database = `conformance_${databases++}`;
    await clickServer.sql(`CREATE DATABASE ${database}`);
    await Deno.writeTextFile(`${path}/secret`, PASSWORD, { mode: 0o600 });
    return {
      folder: path,
      table: {
        ...clickhouse.place(path),
        url: clickServer.url(database),
        secret_file: `${path}/secret`,
        create: true,
        flush_ms: 20,
        ...variant,
      },
      async arrived() {
        const rows = await clickServer.sql(
          "SELECT source_port FROM packets ORDER BY time, time_micros, source_port",
          database,
        );
        return rows === "" ? [] : rows.split("\n").map(Number);
      },
      tear: () => Promise.resolve(),
      ...folder,
    };
  },
});

function opened(path: string): DatabaseSync & Disposable {
  return new DatabaseSync(path, { readOnly: true });
}
