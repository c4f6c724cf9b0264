/**
 * Messages of other hosts that come again, into databases: `KILLS` says how often two processes that
 * receive them are killed.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "../system/process.ts";
import { assertOnceDespiteKills, KILLS } from "./chunks/killing.ts";
import { MariaServer, noServer } from "./maria_server.ts";

Deno.test(`two receivers killed ${KILLS} times have each packet in SQLite once`, async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/nfscribe.db`;
  await assertOnceDespiteKills("sqlite", { path }, (sql) => {
    using database = new DatabaseSync(path, { readOnly: true });
    return Promise.resolve(String(Object.values(database.prepare(sql).get()!)[0]));
  });
});

const missing = noServer();
Deno.test({
  name: `two receivers killed ${KILLS} times have each packet in MySQL once${
    missing === undefined ? "" : ` (${missing})`
  }`,
  ignore: missing !== undefined,
  async fn() {
    await using server = await MariaServer.start();
    await assertOnceDespiteKills(
      "mysql",
      { url: server.url(), create: true },
      (sql) => server.sql(sql, "nfscribe"),
    );
  },
});
