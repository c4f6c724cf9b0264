import { assertEquals, assertGreater } from "@std/assert";
import { BodyFrames, FRAME_SETTINGS } from "../../src/output/clickhouse/body_frames.ts";
import { DayBlocks } from "../../src/output/clickhouse/day_blocks.ts";
import { insertStatement } from "../../src/output/clickhouse/schema.ts";
import { PACKETS } from "../../src/output/table/packets.ts";
import { concat } from "../packet/sample.ts";
import { until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { ClickServer, noServer } from "./click_server.ts";
import { spoolTo } from "./clickhouse.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { flowRows } from "./flow_rows.ts";
import { HELD } from "./flow_answers.ts";
import { leave, row, rows } from "./rows.ts";

const missing = noServer();
let server: ClickServer;
let databases = 0;

Deno.test.beforeAll(async () => {
  if (missing === undefined) server = await ClickServer.start();
});
Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());

type Place = Awaited<ReturnType<typeof spoolTo>> & { database: string };

/** Defines a test with a database of its own. */
function test(name: string, fn: (place: Place) => Promise<void>): void {
  testUnless(missing, `inserts of ClickHouse: ${name}`, async () => {
    const database = `inserts_${databases++}`;
    await server.sql(`CREATE DATABASE ${database}`);
    await using place = await spoolTo(server, database);
    await fn(Object.assign(place, { database }));
  });
}

/** Rows of a frame, frames of a spool that several batches take, and its rows. */
const [FRAME, FRAMES] = [2500, 60];
const ALL = FRAME * FRAMES;
const COUNT = "SELECT count(), uniqExact(mark) FROM packets";
/** Inserts that put rows there, and rows of the largest. */
const PARTS = "SELECT count(), max(rows) FROM system.parts WHERE table = 'packets' AND level = 0 " +
  "AND database = currentDatabase()";

/** Frames of rows, numbered by their marks. */
function frames(timeMs = Date.now()): [Uint8Array, number][] {
  return Array.from({ length: FRAMES }, (_, n) => [rows(FRAME, n * FRAME, timeMs), FRAME]);
}

test("batches that wait go together, and a row that is refused alone goes to the quarantine", async (there) => {
  await (await there.open()).close();
  await there.query(
    "ALTER TABLE packets ADD COLUMN lucky UInt8 MATERIALIZED throwIf(mark = 40000)",
  );
  const all = frames();
  // Bytes that are no row, in a frame that says that it has one.
  all.splice(31, 0, [row(ALL).subarray(0, 60), 1]);
  leave(there.spool, all);
  await using writer = await there.open();
  const written = () => writer.figures().recovered! + writer.figures().quarantined!;
  await until("all rows were looked at", () => written() >= ALL + 1, 180_000);
  assertEquals(await there.query(COUNT), `${ALL - 1}\t${ALL - 1}`);
  const lines = (await Deno.readTextFile(`${there.spool}/quarantine.jsonl`)).trim().split("\n");
  const marks = lines.map((line) => JSON.parse(line).columns.mark ?? "none").sort();
  assertEquals(marks, ["40000", "none"]);
  const [, largest] = (await there.query(PARTS)).split("\t").map(Number);
  // More than a batch has.
  assertGreater(largest!, 30_000);
});

test("a body that is cut, also between two blocks, leaves nothing", async (there) => {
  await (await there.open()).close();
  const blocks = new DayBlocks({ record: PACKETS, isModern: false });
  const body = new BodyFrames();
  const made = [10, 20, 30].map((count) => {
    const spool = crypto.randomUUID();
    const places = { to: count, positionOf: () => count, arrived: new Map() };
    const [block] = blocks.of({ pieces: [rows(count)], spool, ...places }).values();
    return concat(...body.block([...block!.parts()]));
  });
  made.push(body.end());
  const url = new URL(`http://127.0.0.1:${server.port}/`);
  const statement = insertStatement({ record: PACKETS, table: "packets", isModern: false });
  const parameters = { query: statement, database: there.database, ...FRAME_SETTINGS };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, `${value}`);
  const post = async (bytes: Uint8Array<ArrayBuffer>) =>
    await (await fetch(url, { method: "POST", body: bytes })).text();
  const whole = concat(...made);
  let end = 0;
  for (const { length } of made.slice(0, -1)) {
    end += length;
    for (const at of [end - 1, end, end + 1, end + 25]) {
      assertGreater((await post(whole.slice(0, at))).length, 0, `cut at ${at}`);
    }
  }
  assertEquals(await there.query("SELECT count() FROM packets"), "0");
  assertEquals(await post(whole), "");
  assertEquals(await there.query("SELECT count() FROM packets"), "60");
});

test("cut in a body of many batches, or with its answer lost, rows arrive once", async (there) => {
  await (await there.open()).close();
  await using proxy = new CuttingProxy(server.port);
  const url = server.url(there.database).replace(`:${server.port}`, `:${proxy.port}`);
  leave(there.spool, frames());
  proxy.cutAfter(3_000_000, Infinity);
  await using writer = await there.open(url);
  await until("the first cut", () => proxy.cuts === 1, 60_000);
  proxy.cutAnswerTo("INSERT");
  await until("the second cut", () => proxy.cuts === 2, 60_000);
  proxy.cutAfter(5_000_000, Infinity);
  await until("all rows are there", () => writer.figures().recovered === ALL, 60_000);
  assertEquals(await there.query(COUNT), `${ALL}\t${ALL}`);
});

test("killed in the middle, server and nfscribe go on, and rows are there once", async (there) => {
  leave(there.spool, frames());
  const arrived = () => there.query("SELECT count() FROM packets").then(Number, () => 0);
  {
    const writer = await there.open();
    await until("some rows are there", async () => await arrived() > 0, 60_000);
    await server.stop("SIGKILL");
    await until("the outage is seen", () => writer.problem !== undefined, 60_000);
    // Rows of an insert that was answered for may be gone with it: they come again.
    writer.hurry();
    await writer.close();
    await server.restart();
  }
  {
    await using _writer = await there.open();
    await until("all rows are there", async () => await arrived() >= ALL, 60_000);
  }
  assertEquals(await there.query(COUNT), `${ALL}\t${ALL}`);
});

test("rows of another day or another table end an insert, and go with the next one", async (there) => {
  const [day, next] = [0, 1].map((days) => Date.parse("2026-03-01T12:00:00Z") + days * 86_400_000);
  const all = [...frames(day).slice(0, 30), ...frames(next).slice(30)];
  all.splice(20, 0, [flowRows(HELD), HELD.length]);
  leave(there.spool, all);
  await using writer = await there.open();
  const count = ALL + HELD.length;
  await until("all rows are there", () => writer.figures().recovered === count, 60_000);
  assertEquals(await there.query(COUNT), `${ALL}\t${ALL}`);
  assertEquals(await there.query("SELECT count() FROM flows"), `${HELD.length}`);
  assertEquals(
    await there.query("SELECT toDate(time), count() FROM packets GROUP BY toDate(time) ORDER BY 1"),
    `2026-03-01\t${ALL / 2}\n2026-03-02\t${ALL / 2}`,
  );
});

test("a flow among packets goes to its table where that is there, else to the quarantine", async (there) => {
  const [flow] = HELD.map((flow) => flowRows([flow]));
  await using writer = await there.open();
  await writer.write(concat(row(1), flow!, row(2)), 3);
  await until("the packets are there", () => writer.delivery.written === 2, 60_000);
  assertEquals(writer.delivery.failed, 1);
  await writer.write(flowRows(HELD), HELD.length);
  await until("the flows are there", () => writer.delivery.written === 2 + HELD.length, 60_000);
  await writer.write(concat(row(3), flow!, row(4)), 3);
  await until("all are there", () => writer.delivery.written === 5 + HELD.length, 60_000);
  assertEquals(await there.query(COUNT), "4\t4");
  assertEquals(await there.query("SELECT count() FROM flows"), `${HELD.length + 1}`);
});
