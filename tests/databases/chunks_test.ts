/**
 * Messages of other hosts that come again, into databases: `KILLS` says how often two processes that
 * receive them are killed.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder, until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { assertOnceDespiteKills, KILLS } from "./chunks/killing.ts";
import { MariaServer, noServer } from "./maria_server.ts";
import { spoolTo } from "./mysql.ts";
import { rows } from "./rows.ts";

Deno.test(`two receivers killed ${KILLS} times have each packet in SQLite once`, async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/nfscribe.db`;
  await assertOnceDespiteKills("sqlite", { path }, (sql) => {
    using database = new DatabaseSync(path, { readOnly: true });
    return Promise.resolve(String(Object.values(database.prepare(sql).get()!)[0]));
  });
});

/** Checks that chunks wait where the table of chunks is missing and must not be made. */
async function assertWaitsForTable(server: MariaServer): Promise<void> {
  await server.database("old");
  await using there = await spoolTo(server, "old", { create: false });
  await using before = await spoolTo(server, "old");
  await (await before.open()).close();
  await there.query(
    "DROP TABLE nfscribe_received; UPDATE nfscribe_tables SET version = 3 WHERE name = 'packets'",
  );
  const writer = await there.open();
  await writer.write(rows(1), 1);
  await until("a row of no chunk is there", () => writer.delivery.written === 1);
  writer.chunks.begin();
  await writer.write(rows(2, 1), 2);
  await writer.chunks.end({
    ...{ session: crypto.randomUUID(), lane: "host.fw.packet", from: 48, part: 0, chunk: 0 },
    ...{ previous: undefined, isLast: true },
  });
  await until("rows wait", () => writer.problem !== undefined);
  assertMatch(
    writer.problem!.message,
    /nfscribe_received.* is missing; make it with nfscribe db init/,
  );
  writer.hurry();
  await writer.close();
  assertEquals(await there.query("SELECT count(*) FROM packets"), "1");
  await (await before.open()).close();
  await using again = await there.open();
  await until(
    "they are there",
    async () => await there.query("SELECT count(*) FROM packets") === "3",
  );
  assertEquals(again.problem, undefined);
}

const missing = noServer();
testUnless(
  missing,
  `two receivers killed ${KILLS} times have each packet in MySQL once`,
  async () => {
    await using server = await MariaServer.start();
    await assertOnceDespiteKills(
      "mysql",
      { url: server.url(), create: true },
      (sql) => server.sql(sql, "nfscribe"),
    );
    await assertWaitsForTable(server);
  },
);
