import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { Client } from "../../src/output/mysql/client.ts";
import { connectionOf } from "../../src/output/mysql/connection.ts";
import { MysqlDatabase } from "../../src/output/mysql/database.ts";
import { migrate } from "../../src/output/mysql/migrate.ts";
import type { MysqlOptions } from "../../src/output/mysql/options.ts";
import { dayOf, dropExpired, ensurePartitions } from "../../src/output/mysql/partitions.ts";
import { hex } from "../packet/sample.ts";
import { authority, certificate } from "../postgres/certificates.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { MariaServer, noServer, PASSWORD, USER } from "./maria_server.ts";
import { spoolTo } from "./mysql.ts";
import { leave, row, rows, uint } from "./rows.ts";
import { PACKETS } from "../../src/output/table/packets.ts";

const missing = noServer();
const text = (value: string) => new TextEncoder().encode(value);
/** Certificates of the server, which are those of the tests of PostgreSQL. */
const tls = missing === undefined ? await temporaryFolder() : undefined;
let server: MariaServer;
let databases = 0;

Deno.test.beforeAll(async () => {
  if (tls === undefined) return;
  await Deno.chmod(tls.path, 0o755);
  const root = await authority(tls.path, "root");
  const { crt: cert, key } = await certificate(tls.path, root, "localhost");
  await Deno.chmod(key, 0o644);
  server = await MariaServer.start(["local-infile=1", `ssl-cert=${cert}`, `ssl-key=${key}`]);
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
  options: Partial<MysqlOptions> = {},
): void {
  testUnless(missing, name, async () => {
    const database = `test_${databases++}`;
    await server.database(database);
    await using place = await spoolTo(server, database, options);
    await fn(Object.assign(place, { database }));
  });
}

const COUNT = "SELECT count(*), count(DISTINCT mark) FROM packets";

test("extremes of every column reach the table, and are text in a view", async (there) => {
  const columns = {
    host: text("gate"),
    session: hex("6f1d1f6e9d1e4b3e8f2a0109005cabff"),
    seq: uint(2 ** 32 - 1, 8),
    prefix: text("drop \u2603 'x'\t\\N\0"),
    hook: uint(255, 2),
    hardware_source: hex("0200090a5c01"),
    ethertype: uint(65535, 4),
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
      source_address: columns.destination_address,
    }),
  ];
  {
    await using writer = await there.open();
    for (const bytes of all) await writer.write(bytes, 1);
    await until("the rows are there", () => writer.delivery.written === 3);
  }
  const read = (query: string) => there.query(query);
  const names = "time, host, session, seq, hex(prefix), hook, mark, hardware_source, ethertype, " +
    "source_address, destination_address, source_port, length, json_value(extra, '$.country'), " +
    "hex(payload)";
  const expected = [
    "2023-11-14 22:13:20.123000",
    "gate",
    "6f1d1f6e-9d1e-4b3e-8f2a-0109005cabff",
    2 ** 32 - 1,
    columns.prefix.toHex().toUpperCase(),
    255,
    2 ** 32 - 1,
    "02:00:09:0a:5c:01",
    65535,
    "10.92.9.39",
    "2001:db8::1",
    65535,
    2 ** 31 - 1,
    "D\\nE",
    columns.payload.toHex().toUpperCase(),
  ].join("\t");
  const query = `SELECT ${names} FROM packets_text WHERE mark > 2`;
  assertEquals(await read(query), expected);
  assertEquals(
    await read("SELECT prefix, time FROM packets_text WHERE mark = 1"),
    "\t9999-12-31 23:59:59.999999",
  );
  assertEquals(await read("SELECT ip6_payloadlen FROM ulog WHERE oob_mark = 2"), "0");
  // The same by statements, as for a server that loads nothing.
  await server.sql("SET GLOBAL local_infile = 0");
  try {
    await server.sql(`DELETE FROM packets`, there.database);
    await using other = await there.open();
    for (const bytes of all) await other.write(bytes, 1);
    await until("the rows are there", () => other.delivery.written === 3);
    assertEquals(await read(query), expected);
    assert(there.said.some((line) => /local_infile = OFF/.test(line)), `${there.said}`);
  } finally {
    await server.sql("SET GLOBAL local_infile = 1");
  }
});

test("rows that the server refuses or would change go to the quarantine alone", async (there) => {
  await (await there.open()).close();
  await there.query("ALTER TABLE packets ADD CONSTRAINT unlucky CHECK (mark <> 13)");
  await using writer = await there.open();
  await writer.write(rows(1000), 1000);
  // Too large for an unsigned integer: LOAD DATA would store the largest one.
  await writer.write(row(2000, 0, { seq: uint(2 ** 33, 8) }), 1);
  await writer.write(row(2001, 0, { extra: text("\x01{") }), 1);
  const isDone = () => writer.delivery.written === 999 && writer.delivery.failed === 3;
  await until("the others are there", isDone, 30_000)
    .catch((error) => {
      throw new Error(`${writer.problem?.message} ${there.said}`, { cause: error });
    });
  assertEquals(await there.query(COUNT), "999\t999");
  const lines = (await Deno.readTextFile(`${there.spool}/quarantine.jsonl`)).trim().split("\n");
  const marks = lines.map((line) => JSON.parse(line).columns.mark).sort();
  assertEquals(marks, ["13", "2000", "2001"]);
});

test("bytes in the spool that are no rows go to the quarantine, and rows into the table", async (there) => {
  const strange = [
    new Uint8Array(300).fill(0x41),
    row(2).subarray(0, 60),
    row(3, 0, { hook: uint(1, 4) }),
    row(4, 0, { source_address: hex("0220") }),
  ];
  leave(there.spool, [...strange, row(1)].map((bytes) => [bytes, 1] as const));
  await using writer = await there.open();
  await until("they were looked at", () => writer.figures().quarantined! >= strange.length, 30_000);
  await until("the row is there", async () => await there.query(COUNT) === "1\t1");
});

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
  await using writer = await there.open(`${url}?sslmode=disable`);
  let written = 0;
  // After so many bytes in a direction: during statements, data, the commit and its answer.
  for (
    const [toServer, toClient] of [
      [100, Infinity],
      [2000, Infinity],
      [60_000, Infinity],
      [Infinity, 90],
      [Infinity, 200],
      [Infinity, 300],
      [Infinity, 400],
      [Infinity, 450],
    ] as const
  ) {
    proxy.cutAfter(toServer, toClient);
    await writer.write(rows(1000, written), 1000);
    written += 1000;
    await until("the rows are there", () => writer.delivery.written === written, 60_000);
  }
  assertGreater(proxy.cuts, 3);
  assertEquals(await there.query(COUNT), `${written}\t${written}`);
}, { flushMs: 1 });

test("an answer to COMMIT that is lost repeats nothing", async (there) => {
  await (await there.open()).close();
  await using proxy = new CuttingProxy(server.port);
  const url = server.url(there.database).replace(`:${server.port}`, `:${proxy.port}`);
  await using writer = await there.open(`${url}?sslmode=disable`);
  proxy.cutAnswerTo("COMMIT");
  await writer.write(rows(1000), 1000);
  await until("the rows are counted", () => writer.delivery.written === 1000, 60_000);
  assertEquals([await there.query(COUNT), proxy.cuts], ["1000\t1000", 1]);
});

test("rows wait while a table is locked, or the server is read-only", async (there) => {
  await using writer = await there.open();
  await server.sql("SET GLOBAL read_only = 1");
  try {
    await writer.write(rows(1000), 1000);
    await until("the problem is seen", () => writer.problem !== undefined, 30_000);
    assert(/read-only/.test(writer.problem!.message), writer.problem!.message);
  } finally {
    await server.sql("SET GLOBAL read_only = 0");
  }
  await until("the rows are there", () => writer.delivery.written === 1000, 60_000);
  assertEquals(await there.query(COUNT), "1000\t1000");
});

test("first errors say what to do, and hold no password", async (there) => {
  const url = server.url(there.database);
  const cases: [url: string, pattern: RegExp][] = [
    [url.replace(`:${server.port}`, ":1"), /^$/],
    [`mysql://${USER}:wr%2Fong@127.0.0.1:${server.port}/x`, /does not let "nfscribe" in with this/],
    [`mysql://${USER}@127.0.0.1:${server.port}/x`, /in without a password; set it in/],
    [server.url("none"), /may not use the database "none"/],
    [`${url}?sslmode=verify-full`, /certificate is not trusted; name the certificate/],
    [`${url}?sslmode=verify-full&sslrootcert=${tls!.path}/root.crt`, /is not for "127.0.0.1"/],
    [`${url}?sslmode=require&sslrootcert=/none.pem`, /sslrootcert cannot be read/],
  ];
  for (const [url, pattern] of cases.slice(1)) {
    const { message } = await assertRejects(() => there.open(url), OutputError);
    assert(pattern.test(message), message);
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), "wr/ong", "wr%2Fong"]) {
      assert(!message.includes(secret), message);
    }
  }
  const create = false;
  await using bare = await spoolTo(server, there.database, { create });
  const { message } = await assertRejects(() => bare.open(), OutputError);
  assert(message.endsWith("make it with nfscribe db init, or set create = true"), message);
  await there.query("CREATE VIEW ulog AS SELECT 1 AS oob_time_sec");
  const others = await assertRejects(() => there.open(), OutputError);
  assert(others.message.includes('"ulog" is there already'), others.message);
  assertEquals(await there.query("SELECT * FROM ulog"), "1");
  await there.query("CREATE TABLE packets (a INT)");
  const taken = await assertRejects(() => there.open(), OutputError);
  assert(taken.message.includes("nfscribe did not make it"), taken.message);
});

test("TLS in every mode, and a Unix socket", async (there) => {
  const cipher = async (url: string) => {
    const client = await Client.open(connectionOf(url, () => undefined));
    try {
      return (await client.rows("SHOW STATUS LIKE 'Ssl_cipher'"))[0]!.Value !== "";
    } finally {
      client.close();
    }
  };
  const url = server.url(there.database);
  const local = url.replace("127.0.0.1", "localhost");
  const root = `sslrootcert=${tls!.path}/root.crt`;
  assertEquals(await cipher(`${url}?sslmode=disable`), false);
  assertEquals(await cipher(url), true);
  assertEquals(await cipher(`${url}?sslmode=require`), true);
  assertEquals(await cipher(`${url}?sslmode=verify-ca&${root}`), true);
  assertEquals(await cipher(`${local}?sslmode=verify-full&${root}`), true);
  const login = `${USER}:${encodeURIComponent(PASSWORD)}`;
  assertEquals(
    await cipher(`mysql://${login}@/${there.database}?socket=${server.socket}`),
    false,
  );
});

test("nfscribe db makes table, partitions and indexes, and drops what is past", async (there) => {
  const printed: string[] = [];
  const options = {
    url: server.url(there.database),
    table: "packets",
    flowsTable: "flows",
    countersTable: "counters",
  } as MysqlOptions;
  const database = new MysqlDatabase(options);
  for (let time = 0; time < 2; time++) await database.init((line) => printed.push(line));
  await database.index((line) => printed.push(line));
  const where = `mysql://${USER}@127.0.0.1:${server.port}/${there.database}`;
  const until = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  assertEquals(printed, [
    ...["made", "up to date already"].flatMap((done) => [
      `${where}: table packets: ${done}`,
      `  partitions: until ${until} (UTC)`,
      `${where}: table flows: ${done}`,
      `  partitions: until ${until} (UTC)`,
      `${where}: table counters: ${done}`,
      `  partitions: until ${until} (UTC)`,
    ]),
    `${where}: index on source_address of packets`,
    `${where}: index on destination_address of packets`,
    `${where}: index on original_source of flows`,
  ]);
});

test("days get partitions, and those past the retention go, but not most of them", async (there) => {
  const client = await Client.open(connectionOf(server.url(there.database), () => undefined));
  try {
    assertEquals(await migrate(client, PACKETS, "packets", { create: true }), "made");
    const today = dayOf(Date.parse("2026-03-01T12:00:00Z"));
    const made = await ensurePartitions(client, "packets", today - 5, today);
    assertEquals([made!.length, made![0], made!.at(-1)], [6, "p20260224", "p20260301"]);
    assertEquals(await ensurePartitions(client, "packets", today - 5, today), []);
    for (let day = -9; day <= 0; day++) {
      const time = new Date((today + day) * 86_400_000).toISOString().slice(0, 10);
      await client.run(`INSERT INTO packets (time, mark) VALUES ('${time} 12:00', ${-day})`);
    }
    const held = await dropExpired(client, "packets", today, 1, false);
    assertEquals([held.dropped, held.held.length], [[], 4]);
    const some = await dropExpired(client, "packets", today, 3, false);
    // Those of the days before the first partition were in it.
    assertEquals(some, { dropped: ["p20260224", "p20260225"], deleted: 0, held: [] });
    assertEquals(await there.query("SELECT max(mark) FROM packets"), "3");
    await client.run("INSERT INTO packets (time, mark) VALUES ('2026-01-01', 99)");
    assertEquals((await dropExpired(client, "packets", today, 3, false)).deleted, 1);
    assertEquals(
      await ensurePartitions(client, "packets", today + 400, today + 402, false),
      undefined,
    );
    // Days to come are no reason to take the others for few.
    const later = today + 400;
    await ensurePartitions(client, "packets", later, later + 9);
    const jumped = await dropExpired(client, "packets", later, 30, false);
    assertEquals([jumped.dropped, jumped.held.length], [[], 4]);
  } finally {
    client.close();
  }
});

test("a clock that is wrong while the first partition is made costs no rows later", async (there) => {
  const client = await Client.open(connectionOf(server.url(there.database), () => undefined));
  try {
    await migrate(client, PACKETS, "packets", { create: true });
    const [today, wrong] = ["2026-03-01", "2030-01-01"].map((day) => dayOf(Date.parse(day)));
    // Each packet of the years before is in the first partition.
    await ensurePartitions(client, "packets", wrong!, wrong! + 2);
    await client.run("INSERT INTO packets (time) VALUES ('2026-01-01'), ('2026-03-01'), (NOW())");
    assertEquals(await dropExpired(client, "packets", wrong!, 30, false), {
      dropped: [],
      deleted: 0,
      held: ["p20300101"],
    });
    assertEquals((await dropExpired(client, "packets", today!, 30, false)).deleted, 1);
    assertEquals((await dropExpired(client, "packets", wrong!, 30, true)).deleted, 2);
  } finally {
    client.close();
  }
});
