/**
 * PostgreSQL behind PgBouncer in transaction mode.
 *
 * @module
 */

import { assertEquals, assertGreater, assertRejects, assertStringIncludes } from "@std/assert";
import { client } from "../../src/output/postgres/connect.ts";
import { indexClosedDays } from "../../src/output/postgres/indexes.ts";
import { migrate } from "../../src/output/postgres/migrate.ts";
import { isPooled } from "../../src/output/postgres/pooled.ts";
import { parseTable } from "../../src/output/postgres/table.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { Cluster } from "./cluster.ts";
import { attempt, to } from "./connect_server.ts";
import { TABLE } from "./database.ts";
import { noPooler, Pooler } from "./pooler.ts";
import { openWriter, row } from "./sending.ts";
import { PACKETS } from "../../src/output/table/packets.ts";

const MISSING = await noPooler();

function test(
  name: string,
  fn: (cluster: Cluster, pooler: Pooler) => Promise<void>,
  settings: readonly string[] = [],
): void {
  testUnless(MISSING, name, async () => {
    await using cluster = await Cluster.start();
    await using pooler = await Pooler.start(cluster, settings);
    await fn(cluster, pooler);
  });
}

/** Settings of a transaction, by name. */
const SETTINGS = `SELECT current_setting('search_path') AS path,
  current_setting('idle_in_transaction_session_timeout') AS idle,
  current_setting('application_name') AS name, current_setting('TimeZone') AS zone`;
const OPTIONS = "?application_name=gate&options=-c%20search_path%3Dwall";

for (const isIgnored of [false, true]) {
  const ignored = "idle_in_transaction_session_timeout,search_path,tcp_keepalives_idle," +
    "tcp_keepalives_interval,tcp_keepalives_count,tcp_user_timeout";
  test(
    `client() sets in each transaction the settings that a pooler ${
      isIgnored ? "ignores" : "refuses"
    }, and leaves its sessions as they were`,
    async (cluster, pooler) => {
      const sql = client(to(pooler.url() + OPTIONS));
      // Holds one of the pooler's two connections, so that the others meet both.
      const other = client(to(pooler.url()));
      for (let i = 0; i < 4; i++) {
        const [found] = await sql.begin((own) => own.unsafe(SETTINGS));
        assertEquals({ ...found }, { path: "wall", idle: "30s", name: "gate", zone: "UTC" });
        const [left] = await other.unsafe("SELECT current_setting('search_path') AS path");
        assertEquals(left!["path"], '"$user", public');
      }
      assertEquals([await isPooled(sql), await isPooled(other)], [true, true]);
      const direct = client(to(cluster.url() + OPTIONS));
      assertEquals(await isPooled(direct), false);
      const [found] = await direct.unsafe(SETTINGS);
      assertEquals({ ...found }, { path: "wall", idle: "30s", name: "gate", zone: "UTC" });
      await Promise.all([sql, other, direct].map((sql) => sql.end({ timeout: 1 })));
    },
    isIgnored ? [`ignore_startup_parameters = ${ignored}`] : [],
  );
}

test(
  "The table is made in the schema of options, behind a pooler, too",
  async (cluster, pooler) => {
    await cluster.sql("CREATE SCHEMA wall");
    await using folder = await temporaryFolder();
    const log = { info() {}, warn() {} };
    const writer = await openWriter(pooler.url() + OPTIONS, folder.path, log);
    writer.write(row(), 1);
    await until("the row is there", () => writer.delivery.written === 1);
    await writer.close();
    assertEquals(await cluster.sql("SELECT count(*) FROM wall.packets"), "1");
    assertEquals(await cluster.sql("SELECT to_regclass('public.packets')"), "");
  },
);

test("Rows arrive once while a pooler is killed again and again", async (cluster, pooler) => {
  await using folder = await temporaryFolder();
  const said: string[] = [];
  const log = { info() {}, warn: (message: string) => void said.push(message) };
  const writer = await openWriter(pooler.url(), folder.path, log, { flushRows: 500 });
  // Another client, so that transactions meet different connections of the pooler.
  const other = client(to(cluster.url()));
  const kills = 8;
  const rows = kills * 5000;
  let mark = 0;
  for (let kill = 0; kill < kills; kill++) {
    for (let i = 0; i < 5000; i++) {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigInt64(0, BigInt(mark++));
      writer.write(row({ bytes }), 1);
    }
    // By the server's own count, so that each kill meets batches on their way.
    const reached = kill * 5000 + 1000;
    await until(`${reached} rows`, async () => {
      const [{ count }] = await other`SELECT count(*)::integer FROM packets` as [{ count: number }];
      return count >= reached;
    }, 60_000);
    await pooler.kill();
    await pooler.restart();
  }
  await until("all rows are there", () => writer.delivery.spooled === 0, 60_000);
  assertGreater(said.filter((message) => /rows wait in the spool/.test(message)).length, 0);
  await writer.close();
  await other.end({ timeout: 1 });
  const counted = await cluster.sql("SELECT count(*), count(DISTINCT mark) FROM packets");
  assertEquals(counted, `${rows}|${rows}`);
});

test("indexClosedDays() refuses a pooler, whose sessions hold no lock", async (_, pooler) => {
  const sql = client(to(pooler.url()));
  await migrate(sql, PACKETS, TABLE, { create: true });
  const error = await assertRejects(
    () => indexClosedDays(sql, TABLE, PACKETS.searched, Date.now()),
    Error,
  );
  assertStringIncludes(error.message, "name the server itself in the URL");
  await sql.end({ timeout: 1 });
});

test("Several processes make one table behind a pooler", async (cluster, pooler) => {
  const clients = Array.from({ length: 4 }, () => client(to(pooler.url())));
  const table = parseTable("wall.packets");
  await Promise.all(clients.map((sql) => migrate(sql, PACKETS, table, { create: true })));
  await Promise.all(clients.map((sql) => sql.end({ timeout: 1 })));
  assertEquals(await cluster.sql("SELECT count(*) FROM wall.packets"), "0");
});

test("A pooler whose server is away is waited for", async (cluster, pooler) => {
  await cluster.stop();
  await pooler.kill();
  await pooler.restart();
  const said = await attempt(to(pooler.url()), "SELECT 1");
  assertStringIncludes(said, "away: Cannot connect to postgres://");
}, ["server_connect_timeout = 1", "query_wait_timeout = 2"]);
