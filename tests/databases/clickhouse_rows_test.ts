import { assert, assertEquals, assertGreater, assertMatch, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { OutputError } from "../../src/errors.ts";
import { CLICKHOUSE } from "../../src/filter/expression/sql/dialect.ts";
import { ClickhouseDatabase } from "../../src/output/clickhouse/database.ts";
import { TYPES } from "../../src/output/clickhouse/dialect.ts";
import type { ClickhouseOptions } from "../../src/output/clickhouse/options.ts";
import type { Database, Question } from "../../src/output/define.ts";
import { SqliteDatabase } from "../../src/output/sqlite/database.ts";
import type { SqliteOptions } from "../../src/output/sqlite/options.ts";
import { COLUMNS, type ColumnType } from "../../src/output/table/columns.ts";
import type { StoredPacket } from "../../src/output/table/stored_packet.ts";
import { decodeFrames } from "../filter/expression/decode_frames.ts";
import {
  compareRows,
  questions,
  script,
  STORED_COLUMNS,
  storedPackets,
} from "../filter/expression/stored_packets.ts";
import { cornerFrames } from "../peers/corner_packets.ts";
import { captureFrames, HAS_CAPTURES } from "../peers/frames.ts";
import { randomFrames } from "../peers/random_packets.ts";
import { ethernetFile } from "../source/pcap/sample.ts";
import { inFolder, must, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { ClickServer, noServer, PASSWORD, READER } from "./click_server.ts";
import { spoolTo } from "./clickhouse.ts";
import { leave, rows } from "./rows.ts";

const TABLES = { table: "packets", flowsTable: "flows", countersTable: "counters" };
const missing = noServer();
let server: ClickServer;

Deno.test.beforeAll(async () => {
  if (missing === undefined) server = await ClickServer.start();
});
Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());

function test(name: string, fn: () => Promise<void>): void {
  testUnless(missing, name, fn);
}

/** Runs `nfscribe` in a folder with just the rights that it needs; fails if it does not succeed. */
function nfscribe(folder: string, ...args: string[]): Promise<string> {
  return must(command(folder, args));
}

function command(folder: string, args: string[]): string[] {
  return inFolder(folder, [
    "env",
    `CLICKHOUSE_PASSWORD=${PASSWORD}`,
    `${ROOT}scripts/nfscribe`,
    ...args,
  ]);
}

/** A database's SQL for values that are compared. */
type Forms = Readonly<Partial<Record<ColumnType, (column: string) => string>>>;

const SQLITE_FORMS: Forms = {
  time: (column) => `CAST(${column} AS TEXT)`,
  uuid: hexOrNull,
  mac: hexOrNull,
  address: hexOrNull,
  bytes: hexOrNull,
  text: hexOrNull,
  json: hexOrNull,
};
const CLICKHOUSE_FORMS: Forms = {
  time: (column) => `toString(toUInt64(toUInt32(${column})) * 1000000 + time_micros)`,
  uuid: (column) => `upper(replaceAll(toString(${column}), '-', ''))`,
  mac: (column) => `hex(${column})`,
  address: (column) =>
    `CASE WHEN ethertype = 34525 THEN hex(${column}) ELSE replaceRegexpOne(hex(${column}), '^0{20}FFFF', '') END`,
  bytes: (column) => `hex(${column})`,
  text: (column) => `hex(${column})`,
  json: (column) => `hex(${column})`,
};

/** SQLite's hexadecimal form of null is an empty text. */
function hexOrNull(column: string): string {
  return `CASE WHEN ${column} IS NOT NULL THEN hex(${column}) END`;
}

/** Returns the columns but the session's, which differs between outputs. */
function columnsOf(forms: Forms, cast: (expression: string) => string): string[] {
  return COLUMNS.filter(([name]) => name !== "session").map(([name, type]) =>
    `coalesce(${cast((forms[type] ?? ((column) => column))(name))}, '-')`
  );
}

test("ClickHouse has the same as SQLite in every column of every packet, and finds the same", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await server.sql("CREATE DATABASE equal");
  const url = server.url("equal");
  const frames = [
    ...cornerFrames(),
    ...HAS_CAPTURES ? await captureFrames() : [],
    ...randomFrames(11, 1000),
  ];
  await Deno.writeFile(`${path}/in.pcap`, ethernetFile(frames));
  await Deno.writeTextFile(
    `${path}/filter.ts`,
    `let n = 0;
export default (packet, context) => { if (++n % 3 === 0) context.attach({ n, text: "\\u2603 'x'\\\\" }); return true; };`,
  );
  const common = `hostname = "gate"\npayload = true\n`;
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[[source]]\ntype = "pcap"\npath = "in.pcap"\n[filter]\nscript = "filter.ts"\n` +
      `[output.clickhouse]\nurl = "${url}"\ncreate = true\n${common}` +
      `[output.sqlite]\npath = "nfscribe.db"\n${common}`,
  );
  await nfscribe(path, "run", "-c", "nfscribe.toml");
  using sqlite = new DatabaseSync(`${path}/nfscribe.db`, { readOnly: true });
  const own = columnsOf(SQLITE_FORMS, (value) => `CAST(${value} AS TEXT)`).join(" || '|' || ");
  const expected = sqlite.prepare(`SELECT ${own} AS words FROM packets ORDER BY time`).all()
    .map(({ words }) => String(words));
  const its = columnsOf(CLICKHOUSE_FORMS, (value) => `toString(${value})`).join(", '|', ");
  const found = (await server.sql(
    `SELECT concat(${its}) FROM packets ORDER BY time, time_micros FORMAT TabSeparatedRaw`,
    "equal",
  )).split("\n");
  assertGreater(expected.length, frames.length * 0.9);
  assertEquals(found.length, expected.length);
  for (const [index, row] of expected.entries()) {
    // A whole packet is too long for a message.
    if (found[index] !== row) assertEquals(found[index]!.slice(0, 500), row.slice(0, 500));
  }

  const options = { url, ...TABLES, secretFile: `${path}/secret` };
  await Deno.writeTextFile(options.secretFile, PASSWORD, { mode: 0o600 });
  const databases: readonly Database[] = [
    new ClickhouseDatabase(options as ClickhouseOptions),
    new SqliteDatabase({ path: `${path}/nfscribe.db`, ...TABLES } as SqliteOptions),
  ];
  const ask = async (question: Partial<Question>) => {
    const answers = await Promise.all(databases.map((database) => all(database, question)));
    assertEquals(answers[0]!.length, answers[1]!.length);
    for (const [index, packet] of answers[1]!.entries()) {
      const { session: _, ...known } = packet;
      const { session: __, ...same } = answers[0]![index]!;
      assertEquals(same, known, `packet ${index} of ${question.where}`);
    }
    return answers[1]!;
  };
  const whole = await ask({});
  const newest = Date.parse(whole[0]!.time);
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
  ) chosen += (await ask({ where })).length;
  assertGreater(chosen, 100);
  assertEquals((await ask({ sinceMs: newest - 1, limit: 3 })).length, 3);
  assertGreater((await ask({ untilMs: newest })).length, 0);
  assertEquals((await ask({ sinceMs: newest + 60_000 })).length, 0);
  // A user who may change nothing can read, too.
  const reader = new ClickhouseDatabase(
    { url: url.replace("nfscribe@", `${READER}@`), ...TABLES } as ClickhouseOptions,
  );
  assertEquals((await all(reader, { limit: 5 })).length, 5);
  await server.sql("ALTER TABLE packets DROP COLUMN tos", "equal");
  await server.sql("ALTER TABLE packets ADD COLUMN tos Nullable(UInt8) ALIAS sleep(3)", "equal");
  await assertRejects(
    () => all(databases[0]!, { timeoutMs: 500 }),
    OutputError,
    "it takes longer than 0.5 s; narrow the time by --since and --until",
  );
});

async function all(database: Database, question: Partial<Question>): Promise<StoredPacket[]> {
  const found: StoredPacket[] = [];
  const whole = { kind: "packet", limit: 1_000_000, timeoutMs: 60_000, ...question } as const;
  await database.query(whole, (packet) => {
    found.push(packet as StoredPacket);
    return Promise.resolve(true);
  });
  return found;
}

test("ClickHouse chooses the rows of the packets that expressions choose", async () => {
  const packets = storedPackets(decodeFrames([...cornerFrames(), ...randomFrames(22, 1500)]));
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  console.log(`seed ${seed}`);
  const asked = questions(CLICKHOUSE, packets, seed);
  assertGreater(asked.length, 250);
  await server.sql("CREATE DATABASE asked");
  const columns = COLUMNS.filter(([name]) => Object.hasOwn(STORED_COLUMNS, name))
    .map(([name, type]) => `${name} ${TYPES[type]}`);
  await server.sql(
    `CREATE TABLE packets (${columns.join(", ")}) ENGINE = Memory`,
    "asked",
    "&allow_experimental_low_cardinality_type=1",
  );
  const { insert } = script<string>("packets", packets.map(({ row }) => row), asked, {
    numbers: "",
    literal: (value) => {
      if (value === null) return "NULL";
      if (typeof value === "number") return String(value);
      if (typeof value === "string") {
        return `unhex('${new TextEncoder().encode(value).toHex()}')`;
      }
      return value.length === 6 ? CLICKHOUSE.mac(value) : CLICKHOUSE.address(value);
    },
  });
  await server.sql(insert.replace(/;\s*$/, ""), "asked");
  const lines: string[] = [];
  for (const { sql } of asked) {
    const numbers = await server.sql(
      `SELECT seq FROM packets WHERE ${sql} ORDER BY seq`,
      "asked",
    ).catch((error) => `${error.message}\n${sql}`);
    lines.push(`=${numbers.replaceAll("\n", ",")}`);
  }
  assertEquals(compareRows(lines, asked).slice(0, 5).join("\n"), "");
});

test("300,000 rows at full speed are in ClickHouse once each", async () => {
  await server.sql("CREATE DATABASE fast");
  await using there = await spoolTo(server, "fast", { flushMs: 200 });
  await using writer = await there.open();
  const [batch, batches] = [2000, 150];
  for (let n = 0; n < batches; n++) await writer.write(rows(batch, n * batch), batch);
  const count = batch * batches;
  await until("all rows are there", () => writer.delivery.written === count, 60_000);
  const query = "SELECT count(), uniqExact(mark), max(mark) FROM packets";
  assertEquals(await there.query(query), `${count}\t${count}\t${count - 1}`);
});

test("`db` makes, fills, searches and looks at a table of ClickHouse, with no other rights", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await server.sql("CREATE DATABASE store");
  await Deno.writeFile(`${path}/in.pcap`, ethernetFile(randomFrames(9, 100)));
  const url = server.url("store");
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[output.store]\ntype = "clickhouse"\nurl = "${url}"\nspool = "s"\nhostname = "gate"\n`,
  );
  const db = (...args: string[]) => nfscribe(path, "db", ...args, "-c", "nfscribe.toml");
  const without = await run(command(path, ["db", "status", "-c", "nfscribe.toml"]));
  assertEquals(without.code, 1);
  assertMatch(without.stderr, /has no table packets; nfscribe db init makes it/);
  assertMatch(
    await db("init"),
    /: table packets: made\n.*: table flows: made\n.*counters: made\n$/,
  );
  await db("import", "in.pcap");
  leave(`${path}/s`, [[rows(7), 7]]);
  const status = await db("status");
  const [, count] = /rows {5}(\d+)\n/.exec(status) ?? [];
  assertGreater(Number(count), 80);
  assertMatch(
    status,
    /: table packets\n {2}version {2}1\n {2}rows .*\n {2}oldest {3}2023-11-14T\S+Z\n {2}newest {3}2023-11-14T\S+Z\n {2}size {5}\S+ \w+\n.*: table flows\n(?:.*\n){3}.*: table counters\n(?:.*\n){3}.*: all tables\n {2}host {5}gate: \d+ rows in 1 session, the last at 2023\S+Z\n {2}spool {4}s: 7 rows wait\n$/,
  );
  assertMatch(await db("migrate"), /^(.*: up to date already \(version 1\)\n){3}$/);
  const lines = await db("query", "--limit", "3", "tcp or udp");
  assertMatch(lines, /^(\d{4}-\S+Z [^\n]+ host=gate\n){3}$/);
  const flags = await nfscribe(path, "db", "query", "-c", "nfscribe.toml", "--flags");
  assert(flags.includes(`--allow-net=127.0.0.1:${server.port}`), flags);
  assert(!flags.includes(PASSWORD), flags);
  const schema = await nfscribe(path, "db", "schema", "--clickhouse", url);
  assertMatch(schema, /CREATE TABLE IF NOT EXISTS `packets`[^;]*DateTime64\(6, 'UTC'\)/);
});
