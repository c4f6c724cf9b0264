import { assert, assertEquals, assertGreater, assertMatch, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { OutputError } from "../../src/errors.ts";
import type { Database, Question } from "../../src/output/define.ts";
import { Client } from "../../src/output/mysql/client.ts";
import { connectionOf as mysqlConnection } from "../../src/output/mysql/connection.ts";
import { MysqlDatabase } from "../../src/output/mysql/database.ts";
import type { MysqlOptions } from "../../src/output/mysql/options.ts";
import { client } from "../../src/output/postgres/connect.ts";
import { connectionOf as postgresConnection } from "../../src/output/postgres/connection_string.ts";
import { PostgresDatabase } from "../../src/output/postgres/database.ts";
import type { PostgresOptions } from "../../src/output/postgres/options.ts";
import { SqliteDatabase } from "../../src/output/sqlite/database.ts";
import type { SqliteOptions } from "../../src/output/sqlite/options.ts";
import type { StoredPacket } from "../../src/output/table/stored_packet.ts";
import { cornerFrames } from "../peers/corner_packets.ts";
import { randomFrames } from "../peers/random_packets.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { ethernetFile } from "../source/pcap/sample.ts";
import { deno, inFolder, must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { MariaServer, noServer } from "./maria_server.ts";
import { row } from "./rows.ts";
import { place } from "./sqlite.ts";

const missing = noServer() ?? await noCluster();
const ALL: Question = { kind: "packet", limit: 1_000_000, timeoutMs: 60_000 };

async function ask(database: Database, question: Partial<Question> = {}): Promise<StoredPacket[]> {
  const found: StoredPacket[] = [];
  await database.query({ ...ALL, ...question }, (packet) => {
    found.push(packet as StoredPacket);
    return Promise.resolve(true);
  });
  return found;
}

/** Runs `nfscribe` in a folder, where it makes its spool; fails if it does not succeed. */
function nfscribe(folder: string, ...args: string[]): Promise<string> {
  const command = deno("-A", "--unstable-worker-options", `${ROOT}main.ts`, ...args);
  return must(inFolder(folder, command));
}

testUnless(
  missing,
  "`db query` finds the same packets in PostgreSQL, MySQL and SQLite as the JSON output has",
  async () => {
    await using cluster = await Cluster.start();
    await using server = await MariaServer.start();
    await using folder = await temporaryFolder();
    const { path } = folder;
    const frames = [...cornerFrames(), ...randomFrames(5, 700)];
    await Deno.writeFile(`${path}/in.pcap`, ethernetFile(frames));
    await nfscribe(path, "replay", "in.pcap", "--json", "out.json", "--sqlite", "x.db");
    const urls = { postgres: cluster.url(), mysql: server.url() };
    const stores = { ...urls, sqlite: `${path}/x.db` };
    for (const [type, url] of Object.entries(urls)) {
      await nfscribe(path, "db", "init", `--${type}`, url);
      await nfscribe(path, "replay", "in.pcap", `--${type}`, url);
    }
    const text = await Deno.readTextFile(`${path}/out.json`);
    const logged = text.trimEnd().split("\n").map((line) => JSON.parse(line)).reverse();
    const options = {
      table: "packets",
      flowsTable: "flows",
      countersTable: "counters",
      create: false,
    };
    const databases: Database[] = [
      new PostgresDatabase({ ...options, url: urls.postgres } as PostgresOptions),
      new MysqlDatabase({ ...options, url: urls.mysql } as MysqlOptions),
      new SqliteDatabase(
        {
          path: stores.sqlite,
          table: "packets",
          flowsTable: "flows",
          countersTable: "counters",
        } as SqliteOptions,
      ),
    ];
    const known = (packet: Record<string, unknown>) =>
      JSON.stringify(
        ["time", "source", "sourcePort", "destination", "destinationPort", "protocol", "length"]
          .map((name) => packet[name]),
      );
    const [first, ...others] = await Promise.all(databases.map((database) => ask(database)));
    assertEquals(first!.length, logged.length);
    for (const [index, packet] of first!.entries()) {
      assertEquals(known({ ...packet }), known(logged[index]!), `packet ${index}`);
    }
    for (const other of others) {
      for (const [index, packet] of first!.entries()) {
        const { session: _, ...own } = packet;
        const { session: __, ...its } = other[index]!;
        assertEquals(its, own, `packet ${index}`);
      }
    }
    let chosen = 0;
    for (
      const where of [
        "tcp port 179 or udp",
        "ip6 and not icmp6",
        "net 10.0.0.0/8 and less 100",
        "arp",
        "tcp[tcpflags] & tcp-syn != 0",
        "not ip and not ip6",
      ]
    ) {
      const [one, ...more] = await Promise.all(
        databases.map((database) => ask(database, { where })),
      );
      for (const other of more) {
        assertEquals(
          other.map(({ time }) => time),
          one!.map(({ time }) => time),
        );
      }
      chosen += one!.length;
      assert(one!.length < first!.length);
    }
    assertGreater(chosen, 100);
    // Of a time, and the newest of that.
    const sinceMs = Date.parse(first!.at(-1)!.time);
    for (const database of databases) {
      assertEquals((await ask(database, { untilMs: sinceMs })).length, 0);
      const [newest, second] = await ask(database, { sinceMs, limit: 2 });
      assertEquals([newest!.time, second!.time], [first![0]!.time, first![1]!.time]);
    }
    for (const [type, url] of Object.entries(stores)) {
      const { code, stdout, stderr } = await run([
        ...["scripts/nfscribe", "db", "query", `--${type}`, url, "--limit", "3", "tcp"] as const,
      ]);
      assertEquals([code, stderr], [0, ""]);
      assertMatch(stdout, /^(\d{4}-\S+Z [^\n]+ (TCP|protocol=6) [^\n]+ host=[^\n ]+\n){3}$/);
    }
    // A query may not change anything, nor wait for ever.
    await cluster.sql("CREATE ROLE reader LOGIN; GRANT SELECT ON packets TO reader");
    await server.sql("CREATE USER reader@'%'; GRANT SELECT ON nfscribe.packets TO reader@'%'");
    const readers: readonly Database[] = [
      new PostgresDatabase({
        ...options,
        url: `postgres://reader@127.0.0.1:${cluster.port}/postgres`,
      } as PostgresOptions),
      new MysqlDatabase({
        ...options,
        url: `mysql://reader@127.0.0.1:${server.port}/nfscribe`,
      } as MysqlOptions),
    ];
    for (const reader of readers) assertEquals((await ask(reader, { limit: 5 })).length, 5);
    const isSlow = (reader: Database) =>
      assertRejects(
        () => ask(reader, { timeoutMs: 500 }),
        OutputError,
        "it takes longer than 0.5 s; narrow the time by --since and --until",
      );
    const sql = client(postgresConnection(urls.postgres, () => undefined));
    await sql.begin(async (own) => {
      await own.unsafe("LOCK TABLE packets");
      await isSlow(readers[0]!);
    });
    await sql.end();
    const other = await Client.open(mysqlConnection(urls.mysql, () => undefined));
    await other.run("LOCK TABLES packets WRITE");
    await isSlow(readers[1]!);
    other.close();
  },
);

Deno.test("`db query` of SQLite looks at slices of the table, in the order of time", async () => {
  await using there = await place();
  const writer = await there.open();
  await writer.write(row(1), 1);
  await writer.close();
  const count = 120_000;
  using database = new DatabaseSync(there.path);
  database.exec(
    `INSERT INTO packets (time, mark) SELECT 1e15 + (value * 7919 % ${count}) / 3, value
     FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ${count})
     SELECT value FROM n)`.replace("1e15", "1000000000000000"),
  );
  const reader = new SqliteDatabase(
    {
      path: there.path,
      table: "packets",
      flowsTable: "flows",
      countersTable: "counters",
    } as SqliteOptions,
  );
  const all = await ask(reader);
  assertEquals(all.length, count + 1);
  const times = all.map(({ time }) => time);
  assertEquals(times, times.toSorted().reverse());
  assertEquals(new Set(all.map(({ mark }) => mark)).size, count);
  const found = await ask(reader, { where: "mark 5 or mark 119000" });
  assertEquals(found.map(({ mark }) => mark).sort(), [119_000, 5]);
  assertEquals(
    (await ask(reader, { limit: 70_000 })).map(({ time }) => time),
    times.slice(0, 70_000),
  );
  await assertRejects(() => ask(reader, { timeoutMs: -1 }), OutputError, "it takes longer than");
});

Deno.test("`db query` prints nothing that acts on a terminal, and takes no other rights", async () => {
  await using there = await place();
  const writer = await there.open();
  const prefix = new TextEncoder().encode("bad\x1b[2J\u202e\nnext");
  await writer.write(
    row(7, 1_000_000_000_000, { prefix, host: new TextEncoder().encode("a\x1b b") }),
    1,
  );
  await writer.close();
  for (const form of [[], ["--json"]]) {
    const { code, stdout, stderr } = await run(
      ["scripts/nfscribe", "db", "query", "--sqlite", there.path, ...form],
    );
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^[ -~]+\n$/);
    assert(stdout.includes("bad\\u001b[2J\\u202e\\nnext"), stdout);
  }
  const flags = await run(["scripts/nfscribe", "db", "query", "--sqlite", there.path, "--flags"]);
  assertEquals(flags.stdout, `--allow-read=${there.path}\n`);
  const wrong = await run([
    "scripts/nfscribe",
    "db",
    "query",
    "--sqlite",
    there.path,
    "tcp prot 22",
  ]);
  assertEquals([wrong.code, wrong.stdout], [2, ""]);
  assertMatch(wrong.stderr, /did you mean "port"\?\n {2}tcp prot 22\n {6}\^\^\^\^\n/);
});
