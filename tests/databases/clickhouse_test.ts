import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { Client } from "../../src/output/clickhouse/client.ts";
import { connectionOf } from "../../src/output/clickhouse/connection.ts";
import { ClickhouseDatabase } from "../../src/output/clickhouse/database.ts";
import { migrate } from "../../src/output/clickhouse/migrate.ts";
import type { ClickhouseOptions } from "../../src/output/clickhouse/options.ts";
import { dayOf, dropExpired } from "../../src/output/clickhouse/partitions.ts";
import { PACKETS } from "../../src/output/table/packets.ts";
import { hex } from "../packet/sample.ts";
import { authority, certificate } from "../postgres/certificates.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { spoolTo } from "./clickhouse.ts";
import { ClickServer, noServer, PASSWORD, READER, USER } from "./click_server.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { leave, row, rows, uint } from "./rows.ts";

const missing = noServer();
const text = (value: string) => new TextEncoder().encode(value);
const tls = missing === undefined ? await temporaryFolder() : undefined;
let server: ClickServer;
let databases = 0;

Deno.test.beforeAll(async () => {
  if (tls === undefined) return;
  await Deno.chmod(tls.path, 0o755);
  const root = await authority(tls.path, "root");
  const { crt: cert, key } = await certificate(tls.path, root, "localhost");
  await Deno.chmod(key, 0o644);
  server = await ClickServer.start({ tls: { cert, key } });
});
Deno.test.afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await tls?.[Symbol.asyncDispose]();
});

type Place = Awaited<ReturnType<typeof spoolTo>> & { database: string };

/** Defines a test with a database of its own. */
function test(
  name: string,
  fn: (place: Place) => Promise<void>,
  options: Partial<ClickhouseOptions> = {},
): void {
  testUnless(missing, `ClickHouse: ${name}`, async () => {
    const database = `test_${databases++}`;
    await server.sql(`CREATE DATABASE ${database}`);
    await using place = await spoolTo(server, database, options);
    await fn(Object.assign(place, { database }));
  });
}

const COUNT = "SELECT count(), uniqExact(mark) FROM packets";
const DAY_MS = 86_400_000;
const TABLES = { table: "packets", flowsTable: "flows", countersTable: "counters" };

for (const compression of ["none", "gzip"] as const) {
  test(`extremes of every column reach the table, compressed by ${compression}`, async (there) => {
    const columns = {
      host: text("gate"),
      session: hex("6f1d1f6e9d1e4b3e8f2a0109005cabff"),
      seq: uint(2 ** 32 - 1, 8),
      prefix: text(`drop \u2603 'x'\t\\N ${"x".repeat(300)}`),
      hook: uint(255, 2),
      hardware_source: hex("0200090a5c01"),
      hardware_destination: hex("ffffffffff00"),
      ethertype: uint(2048, 4),
      source_address: hex("02200004 0a5c0927"),
      destination_address: hex("03800010 20010db8000000000000000000000001"),
      source_port: uint(65535, 4),
      length: uint(2 ** 31 - 1, 4),
      extra: text('\x01{"country": "D\\nE"}'),
      payload: hex("00ff275c090a0d1a"),
    };
    const all = [
      row(2 ** 32 - 1, 1_700_000_000_123, columns),
      row(1, 0, { time: hex("7fffffffffffffff"), prefix: text("") }),
      row(2, 0, {
        length: uint(10, 4),
        ttl: uint(1, 2),
        protocol: uint(58, 2),
        icmp_type: uint(135, 2),
        source_address: columns.destination_address,
      }),
    ];
    {
      await using writer = await there.open();
      for (const bytes of all) await writer.write(bytes, 1);
      await until("the rows are there", () => writer.delivery.written === 3, 30_000);
    }
    const names = "time, time_micros, host, session, seq, hex(prefix), hook, mark, " +
      "hardware_source, ethertype, source_address, destination_address, source_port, length, " +
      "hex(extra), hex(payload)";
    assertEquals(
      await there.query(`SELECT ${names} FROM packets_text WHERE mark > 2`),
      [
        "2023-11-14 22:13:20",
        123_000,
        "gate",
        "6f1d1f6e-9d1e-4b3e-8f2a-0109005cabff",
        2 ** 32 - 1,
        columns.prefix.toHex().toUpperCase(),
        255,
        2 ** 32 - 1,
        "02:00:09:0a:5c:01",
        2048,
        "10.92.9.39",
        "2001:db8::1",
        65535,
        2 ** 31 - 1,
        columns.extra.subarray(1).toHex().toUpperCase(),
        columns.payload.toHex().toUpperCase(),
      ].join("\t"),
    );
    // The last time that the type has.
    assertEquals(
      await there.query("SELECT prefix, time, time_micros, host FROM packets_text WHERE mark = 1"),
      "\t2105-12-31 23:59:59\t999999\t\\N",
    );
    assertEquals(
      await there.query(
        "SELECT oob_family, ip_saddr_str, ip6_payloadlen, ip6_hoplimit, icmp_type, icmpv6_type, tcp_syn " +
          "FROM ulog WHERE oob_mark = 2",
      ),
      "10\t2001:db8::1\t0\t1\t\\N\t135\t\\N",
    );
    assertEquals(
      await there.query("SELECT ip_saddr, raw_mac, oob_prefix = '' FROM ulog1"),
      `${0x0a5c0927}\tff:ff:ff:ff:ff:00:02:00:09:0a:5c:01:08:00\t0`,
    );
  }, { compression });
}

test("rows that the server refuses go to the quarantine alone", async (there) => {
  await (await there.open()).close();
  await there.query(
    "ALTER TABLE packets ADD COLUMN lucky UInt8 MATERIALIZED throwIf(ifNull(mark % 100 = 13, 0))",
  );
  await using writer = await there.open();
  await writer.write(rows(200), 200);
  // Too large for its column.
  await writer.write(row(2000, 0, { seq: uint(2 ** 33, 8) }), 1);
  await writer.write(row(2001), 1);
  await until("the others are there", () => writer.delivery.written === 199, 30_000)
    .catch((error) => {
      throw new Error(`${writer.problem?.message} ${there.said}`, { cause: error });
    });
  assertEquals(writer.delivery.failed, 3);
  assertEquals(await there.query(COUNT), "199\t199");
  const lines = (await Deno.readTextFile(`${there.spool}/quarantine.jsonl`)).trim().split("\n");
  const marks = lines.map((line) => JSON.parse(line).columns.mark).sort();
  assertEquals(marks, ["113", "13", "2000"]);
});

test("bytes in the spool that are no rows go to the quarantine, and rows into the table", async (there) => {
  const strange = [
    new Uint8Array(300).fill(0x41),
    row(2).subarray(0, 60),
    row(3, 0, { hook: uint(1, 4) }),
    row(4, 0, { source_address: hex("0220") }),
    row(5, 0, { hook: uint(300, 2) }),
  ];
  leave(there.spool, [...strange, row(1)].map((bytes) => [bytes, 1] as const));
  await using writer = await there.open();
  await until("they were looked at", () => writer.figures().quarantined! >= strange.length, 30_000);
  await until("the row is there", async () => await there.query(COUNT) === "1\t1");
});

test("an insert has rows of one day, and batches of many days arrive once", async (there) => {
  const days = 20;
  const all = Array.from({ length: 2000 }, (_, mark) => row(mark, DAY_MS * (20_000 + mark % days)));
  {
    await using writer = await there.open();
    for (const bytes of all) await writer.write(bytes, 1);
    await until("the rows are there", () => writer.delivery.written === 2000, 30_000);
  }
  assertEquals(await there.query(COUNT), "2000\t2000");
  assertEquals(
    await there.query("SELECT uniqExact(time), countDistinct(toYYYYMMDD(time)) FROM packets"),
    `${days}\t${days}`,
  );
}, { flushMs: 200 });

test("a server that is killed and started again has every row once", async (there) => {
  await using writer = await there.open();
  for (let round = 0; round < 2; round++) {
    for (let batch = 0; batch < 10; batch++) {
      await writer.write(rows(500, (round * 20 + batch) * 500), 500);
    }
    await server.stop("SIGKILL");
    for (let batch = 10; batch < 20; batch++) {
      await writer.write(rows(500, (round * 20 + batch) * 500), 500);
    }
    await until("the outage is seen", () => writer.problem !== undefined, 30_000);
    await server.restart();
  }
  await until("all rows are there", () => writer.delivery.written === 20_000, 60_000);
  assertEquals(await there.query(COUNT), "20000\t20000");
});

test("connections that are cut anywhere lose no row and repeat none", async (there) => {
  await (await there.open()).close();
  await using proxy = new CuttingProxy(server.port);
  const url = server.url(there.database).replace(`:${server.port}`, `:${proxy.port}`);
  await using writer = await there.open(url);
  let written = 0;
  // After so many bytes in a direction: in the head, in rows at all places of a row, at the last
  // byte, and in each answer.
  const inRows = Array.from({ length: 6 }, (_, n) => 2000 + 52 * n);
  const places: (readonly [number, number])[] = [
    ...[100, 700, ...inRows, 55_000].map((bytes) => [bytes, Infinity] as const),
    ...[10, 100, 250].map((bytes) => [Infinity, bytes] as const),
  ];
  for (const [toServer, toClient] of places) {
    proxy.cutAfter(toServer, toClient);
    await writer.write(rows(1000, written), 1000);
    written += 1000;
    await until("the rows are there", () => writer.delivery.written === written, 60_000);
  }
  assertGreater(proxy.cuts, inRows.length);
  assertEquals(await there.query(COUNT), `${written}\t${written}`);
}, { flushMs: 1 });

test("an answer to an insert that is lost repeats nothing, nor do rows that came meanwhile", async (there) => {
  await (await there.open()).close();
  await using proxy = new CuttingProxy(server.port);
  const url = server.url(there.database).replace(`:${server.port}`, `:${proxy.port}`);
  await using writer = await there.open(url);
  proxy.cutAnswerTo("INSERT");
  const night = DAY_MS * 20_000;
  // Two days, of which one is answered for.
  await writer.write(rows(1000, 0, night - 500), 1000);
  await until("the connection was cut", () => proxy.cuts === 1, 30_000);
  await writer.write(rows(1000, 1000, night - 500), 1000);
  await until("the rows are counted", () => writer.delivery.written === 2000, 60_000);
  assertEquals(await there.query(COUNT), "2000\t2000");
});

test("an insert that still runs after its connection was lost is waited for", async (there) => {
  await (await there.open()).close();
  await there.query("ALTER TABLE packets ADD COLUMN slow UInt8 MATERIALIZED sleep(1)");
  await using proxy = new CuttingProxy(server.port);
  const url = server.url(there.database).replace(`:${server.port}`, `:${proxy.port}`);
  await using writer = await there.open(url);
  await writer.write(rows(1), 1);
  await until("the first row is there", () => writer.delivery.written === 1, 30_000);
  await writer.write(row(7), 1);
  await until("the insert runs", async () => {
    const running = await there.query(
      "SELECT count() FROM system.processes WHERE query_id LIKE 'nfscribe.%'",
    );
    return running === "1";
  }, 30_000);
  proxy.cutNow();
  await until("all rows are there", () => writer.delivery.written === 2, 60_000);
  assertEquals(await there.query(COUNT), "2\t2");
});

test("rows wait while the server has too many parts", async (there) => {
  await (await there.open()).close();
  const made = await there.query("SHOW CREATE TABLE packets FORMAT TabSeparatedRaw");
  const remake = async (settings: string) => {
    await there.query("DETACH TABLE packets");
    await there.query(made.replace("CREATE TABLE", "ATTACH TABLE") + settings);
  };
  await remake(", parts_to_throw_insert = 1, parts_to_delay_insert = 1");
  await there.query("INSERT INTO packets (time) VALUES (1700000000)");
  await using writer = await there.open();
  await writer.write(rows(1000, 0, 1_700_000_000_000), 1000);
  await until("the problem is seen", () => writer.problem !== undefined, 30_000);
  const { message } = writer.problem!;
  assert(/cannot merge as fast as rows come: .*; raise flush_ms/.test(message), message);
  await remake("");
  await until("the rows are there", () => writer.delivery.written === 1000, 60_000);
  assertEquals(await there.query(COUNT), "1001\t1000");
}, { flushMs: 1 });

test("first errors say what to do, and hold no password", async (there) => {
  const url = server.url(there.database);
  const cases: [url: string, password: string, pattern: RegExp][] = [
    [url, "wr/ong", /does not let "nfscribe" in with this password, or knows no such user; set it/],
    [url.replace(USER, "nobody"), "wr/ong", /does not let "nobody" in with this password/],
    [url.replace(USER, READER), "", /"reader" is read-only there: .*; name a user whose profile/],
    [server.url("none"), PASSWORD, /there is no database "none"; create it, or name another/],
    [url.replace("http:", "https:"), PASSWORD, /has no TLS on this port; name that of https_port/],
    [
      url.replace("http:", "https:").replace(`:${server.port}`, `:${server.tlsPort}`),
      PASSWORD,
      /certificate is not trusted; name the certificate/,
    ],
    [
      url.replace("http:", "https:").replace(`:${server.port}`, `:${server.tlsPort}`) +
      `?sslrootcert=${tls!.path}/root.crt`,
      PASSWORD,
      /is not for "127.0.0.1"/,
    ],
    [`${url.replace("http:", "https:")}?sslrootcert=/none.pem`, PASSWORD, /sslrootcert cannot be/],
  ];
  for (const [url, password, pattern] of cases) {
    const { message } = await assertRejects(
      async () => (await there.open(url, password)).close(),
      OutputError,
      undefined,
      `${pattern}`,
    );
    assert(pattern.test(message), message);
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), "wr/ong", "wr%2Fong"]) {
      assert(!message.includes(secret), message);
    }
  }
  await using bare = await spoolTo(server, there.database, { create: false });
  const { message } = await assertRejects(() => bare.open(), OutputError);
  assert(message.endsWith("make it with nfscribe db init, or set create = true"), message);
  await there.query("CREATE VIEW ulog AS SELECT 1 AS oob_time_sec");
  const others = await assertRejects(() => there.open(), OutputError);
  assert(others.message.includes('"ulog" is there already'), others.message);
  assertEquals(await there.query("SELECT * FROM ulog"), "1");
  await there.query("CREATE TABLE packets (a UInt8) ENGINE = Memory");
  const taken = await assertRejects(() => there.open(), OutputError);
  assert(taken.message.includes("nfscribe did not make it"), taken.message);
});

test("another server, and one that is too old, are refused", async (there) => {
  const answers = ["<html>", '{"version":"1.1.54385"}\n'];
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(answers.shift()),
  );
  const url = server.url(there.database).replace(`:${server.port}`, `:${other.addr.port}`);
  const message = async () => (await assertRejects(() => there.open(url), OutputError)).message;
  assert(/the server there is not ClickHouse: .*; check host/.test(await message()));
  assert(/its version is 1.1.54385, and the oldest that works is 18.16/.test(await message()));
});

test("TLS, by a name that the certificate has", async (there) => {
  const url = server.url(there.database).replace("http://", "https://")
    .replace(`127.0.0.1:${server.port}`, `localhost:${server.tlsPort}`);
  await using writer = await there.open(`${url}?sslrootcert=${tls!.path}/root.crt`);
  await writer.write(rows(1000), 1000);
  await until("the rows are there", () => writer.delivery.written === 1000, 30_000);
  assertEquals(await there.query(COUNT), "1000\t1000");
});

test("`nfscribe db` makes the table, and drops days that are past", async (there) => {
  const printed: string[] = [];
  const secretFile = `${there.folder}/secret`;
  await Deno.writeTextFile(secretFile, `${PASSWORD}\n`, { mode: 0o600 });
  const options = { url: server.url(there.database), secretFile, ...TABLES };
  const database = new ClickhouseDatabase(options as ClickhouseOptions);
  for (let time = 0; time < 2; time++) await database.init((line) => printed.push(line));
  await database.index((line) => printed.push(line));
  const where = `http://${USER}@127.0.0.1:${server.port}/${there.database}`;
  const tables = Object.values(TABLES);
  assertEquals(printed, [
    ...tables.map((table) => `${where}: table ${table}: made`),
    ...tables.map((table) => `${where}: table ${table}: up to date already`),
    `${where}: 18.16.1 has no indexes for addresses; 22.3 has`,
  ]);
  await Deno.chmod(secretFile, 0o644);
  await assertRejects(() => database.init(() => {}), Error, "is open to others; close it with");
});

test("days past the retention are dropped, but not most of them", async (there) => {
  const client = await Client.open(
    connectionOf(server.url(there.database), () => undefined, PASSWORD),
  );
  try {
    assertEquals((await migrate(client, PACKETS, "packets", { create: true })).change, "made");
    const today = dayOf(Date.parse("2026-03-01T12:00:00Z"));
    for (let day = -9; day <= 0; day++) {
      await there.query(
        `INSERT INTO packets (time, mark) VALUES (${(today + day) * 86_400 + 43_200}, ${-day})`,
      );
    }
    const held = await dropExpired(client, "packets", today, 3, false);
    assertEquals([held.dropped, held.held.length], [[], 6]);
    assertEquals(await dropExpired(client, "packets", today, 7, false), {
      dropped: ["20260220", "20260221"],
      held: [],
    });
    assertEquals((await dropExpired(client, "packets", today, 3, true)).dropped.length, 4);
    assertEquals(await there.query("SELECT max(mark) FROM packets"), "3");
  } finally {
    client.close();
  }
});

test("a user who may not see what runs still repeats nothing", async (there) => {
  const asked: string[] = [];
  await using blind = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { search } = new URL(request.url);
      const body = new Uint8Array(await request.arrayBuffer());
      const text = new TextDecoder().decode(body.subarray(0, 1000));
      if (text.includes("system.processes")) {
        asked.push(text);
        return new Response("Code: 497. DB::Exception: nfscribe: Not enough privileges.", {
          status: 500,
        });
      }
      const headers = new Headers(request.headers);
      headers.delete("host");
      const place = `http://127.0.0.1:${server.port}/${search}`;
      return await fetch(place, { method: "POST", headers, body });
    },
  );
  const url = server.url(there.database).replace(`:${server.port}`, `:${blind.addr.port}`);
  await using writer = await there.open(url);
  await writer.write(rows(10), 10);
  await until("the rows are there", () => writer.delivery.written === 10, 30_000);
  assertEquals([await there.query(COUNT), asked.length], ["10\t10", 1]);
  assert(there.said.some((line) => /may not read system.processes/.test(line)), `${there.said}`);
});
