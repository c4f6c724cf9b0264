/**
 * Readers of the tables, whose answers are compared with the rows that were written, in every
 * database.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { ExpressionError } from "../../src/filter/expression/error.ts";
import { OutputError } from "../../src/errors.ts";
import type { Budget, ChartKey, Choice, Row, StoreReader } from "../../src/output/table/reading.ts";
import { SlowQueryError } from "../../src/output/table/reader/store.ts";
import { SqliteDatabase } from "../../src/output/sqlite/database.ts";
import type { SqliteOptions } from "../../src/output/sqlite/options.ts";
import type { StoredPacket } from "../../src/output/table/stored_packet.ts";
import { manyRows } from "../bench/many_rows.ts";
import { until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { flowRows, translated } from "./flow_rows.ts";
import { row, rows } from "./rows.ts";
import { place } from "./sqlite.ts";
import { missing, startStores, type TestStore } from "./stores.ts";

const [MINUTE, HOUR] = [60_000, 3_600_000];
const ROWS = 6000;
const PAYLOAD = Uint8Array.of(0x45, 0, 0xff, 0x5c);
const END = Math.floor(Date.now() / HOUR) * HOUR;
const START = END - 2 * HOUR;
const ALL: Choice = { kind: "packet", span: { fromMs: 0, toMs: END + HOUR } };

function budget(ms = 60_000): Budget {
  return { ms, signal: new AbortController().signal };
}

/** Fills a store with packets and flows. */
async function fill({ open, database }: TestStore): Promise<void> {
  const writer = await open();
  let written = 0;
  for (const { frames, heads } of manyRows(ROWS, START, END)) {
    for (const [index, frame] of frames.entries()) {
      await writer.write(frame, heads[index]!.records);
      written += heads[index]!.records;
    }
  }
  // No IP, and a prefix that ends with a blank where another one does not.
  const prefix = (text: string) => ({ prefix: new TextEncoder().encode(text) });
  for (const text of ["DROP in:", "DROP in: ", "<b>é*"]) {
    await writer.write(row(7, END - 1, prefix(text)), 1);
    written++;
  }
  await writer.write(row(8, END, { payload: PAYLOAD }), 1);
  written++;
  const flows = [1, 2, 3].flatMap((id) => {
    const flow = { host: id, port: id, outerPort: id, start: START / 1000, id };
    return [translated(flow), translated({ ...flow, end: START / 1000 + 60 * id })];
  });
  await writer.write(flowRows(flows), flows.length);
  written += flows.length;
  await writer.lost?.({ source: "nflog:1", packets: 5, seconds: START / 1000, nanoseconds: 1000 });
  await until("all arrived", () => writer.delivery!.written === written, 60_000);
  await writer.close();
  assert(database.open !== undefined);
}

/** Opens a reader of a SQLite file. */
function readerOf(path: string): Promise<StoreReader> {
  const tables = { table: "packets", flowsTable: "flows", countersTable: "counters" };
  return new SqliteDatabase({ path, ...tables } as SqliteOptions).open!();
}

/** Reads all pages of so many rows. */
async function pages(reader: StoreReader, choice: Choice, limit: number): Promise<Row[]> {
  const rows: Row[] = [];
  let before: string | undefined;
  do {
    const page = await reader.page(choice, limit, before, budget());
    rows.push(...page.rows);
    before = page.before;
  } while (before !== undefined);
  return rows;
}

/** Counts packets by key and time. */
function counted(rows: readonly Row[], by: ChartKey, stepMs: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows as readonly (Row & StoredPacket)[]) {
    const bucket = Math.floor(Date.parse(row.time) / stepMs) * stepMs;
    const key = `${String(row[by] ?? "")} ${bucket}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

async function chartCounts(
  reader: StoreReader,
  choice: Choice,
  by: ChartKey,
  stepMs: number,
): Promise<Record<string, number>> {
  const chart = await reader.chart(choice, stepMs, by, budget());
  assertEquals([chart.stepMs, chart.isComplete], [stepMs, true]);
  const counts: Record<string, number> = {};
  for (const [index, key] of chart.keys.entries()) {
    for (const [bucket, packets] of chart.packets[index]!.entries()) {
      if (packets > 0) counts[`${key} ${chart.startMs + bucket * stepMs}`] = packets;
    }
  }
  return counts;
}

async function checkPages(reader: StoreReader): Promise<Row[]> {
  const rows = await pages(reader, ALL, 1000);
  assertEquals(rows.length, ROWS + 4);
  const times = rows.map(({ time }) => time);
  assertEquals(times, times.toSorted().reverse());
  assertEquals(new Set(rows.map((row) => JSON.stringify(row))).size, rows.length);
  const span = { fromMs: START + HOUR, toMs: START + HOUR + MINUTE };
  const some = rows.filter(({ time }) =>
    Date.parse(time) >= span.fromMs && Date.parse(time) < span.toMs
  );
  const udp = { ...ALL, where: "udp", span };
  assertEquals(
    (await pages(reader, udp, 3)).map(({ rowId }) => rowId),
    (some as (Row & StoredPacket)[]).filter(({ protocol }) => protocol === "UDP")
      .map(({ rowId }) => rowId),
  );
  await assertRejects(
    () => reader.page({ ...ALL, where: "tcp prot 22" }, 1, undefined, budget()),
    ExpressionError,
  );
  return rows;
}

async function checkCharts(reader: StoreReader, rows: readonly Row[]): Promise<void> {
  const span = { fromMs: START, toMs: END + HOUR };
  for (const by of ["prefix", "protocol", "host", "capture"] as const) {
    for (const stepMs of [MINUTE, HOUR]) {
      const expected = counted(rows, by, stepMs);
      // The second is answered from the rows: the counts do not have lengths.
      for (const where of [undefined, "len >= 0 or not ip"]) {
        const choice = { kind: "packet", where, span } as const;
        assertEquals(await chartCounts(reader, choice, by, stepMs), expected, `${by} ${where}`);
      }
    }
  }
  const isTcp = (row: Row) => (row as StoredPacket).protocol === "TCP";
  const choice: Choice = { kind: "packet", where: 'tcp and not prefix "DROP*"', span };
  const some = rows.filter((row) =>
    isTcp(row) && !(row as StoredPacket).prefix?.startsWith("DROP")
  );
  assertEquals(
    await chartCounts(reader, choice, "prefix", MINUTE),
    counted(some, "prefix", MINUTE),
  );
  const seconds = { kind: "packet", span: { fromMs: START, toMs: START + 10 * MINUTE } } as const;
  const early = rows.filter(({ time }) => Date.parse(time) < START + 10 * MINUTE);
  assertEquals(
    await chartCounts(reader, seconds, "protocol", 5000),
    counted(early, "protocol", 5000),
  );
  const flows = await reader.chart({ kind: "flow", span }, HOUR, "protocol", budget());
  // Two records each; the bytes of both directions are those of the end: 3 × (2 + 1) × 2³³.
  assertEquals([flows.keys, flows.packets, flows.bytes], [["UDP"], [[6, 0, 0]], [[
    9 * 2 ** 33,
    0,
    0,
  ]]]);
}

async function checkTop(reader: StoreReader, rows: readonly Row[]): Promise<void> {
  const keys = ["source", "destinationPort", "protocol", "prefix", "host", "uid"] as const;
  const top = await reader.top(ALL, [...keys], 5, budget());
  assertEquals([top.isComplete, top.counted], [true, rows.length]);
  for (const key of keys) {
    const counts = new Map<string, number>();
    for (const row of rows as unknown as Record<string, unknown>[]) {
      if (row[key] === undefined) continue;
      counts.set(String(row[key]), (counts.get(String(row[key])) ?? 0) + 1);
    }
    const expected = [...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
      .slice(0, 5);
    const found = top.lists[key]!.map(({ value, packets }) => [value, packets]);
    assertEquals(found, expected, key);
  }
}

async function checkRest(reader: StoreReader, rows: readonly Row[]): Promise<void> {
  const newest = await reader.record("packet", rows[0]!.rowId, budget());
  assertEquals([...newest!.payload!], [...PAYLOAD]);
  const flows = await pages(reader, { ...ALL, kind: "flow" }, 4);
  assertEquals(flows.length, 6);
  const { rowId, ...flow } = flows.at(-1)!;
  assertEquals((await reader.record("flow", rowId, budget()))!.record, flow);
  for (const { rowId, ...record } of [rows[0]!, rows[3000]!, rows.at(-1)!]) {
    assertEquals((await reader.record("packet", rowId, budget()))!.record, record);
  }
  for (const id of ["", "999999999", "1.1.1", "0.0", "' OR 1", "99999999999999999999"]) {
    assertEquals(await reader.record("packet", id, budget()), undefined);
  }
  assertEquals(await reader.losses({ fromMs: START, toMs: END }, budget()), [
    { timeMs: START + 0.001, host: "gate", capture: "nflog:1", packets: 5 },
  ]);
  assertEquals(await reader.losses({ fromMs: START + 1, toMs: END }, budget()), []);
  const summary = await reader.summary(budget());
  assertEquals(summary.hosts, ["gate"]);
  assertEquals(summary.kinds.map(({ kind, rows }) => [kind, rows]), [
    ["packet", ROWS + 4],
    ["flow", 6],
  ]);
  assertGreater(summary.kinds[0]!.bytes!, 100_000);
  const { found } = await reader.translations({
    ...{ address: Uint8Array.of(198, 51, 100, 7), port: 2, fromMs: START, toMs: END },
    ...{ where: undefined, limit: 10, timeoutMs: 60_000 },
  });
  assertEquals(found.map(({ flow }) => flow.original.source), ["10.0.0.2"]);
}

/** Reads rows from the oldest on, as for a download; `rows` are all, the newest first. */
async function checkEach(reader: StoreReader, rows: readonly Row[]): Promise<void> {
  const taken = async (choice: Choice, most = Infinity) => {
    const found: Row[] = [];
    let last: Uint8Array | undefined;
    await reader.each(choice, (row, payload) => {
      found.push(row);
      last = payload;
      return Promise.resolve(found.length < most);
    }, budget());
    return { found, last };
  };
  const all = await taken(ALL);
  assertEquals(all.found.map(({ time }) => time), rows.map(({ time }) => time).reverse());
  assertEquals(new Set(all.found.map(({ rowId }) => rowId)).size, rows.length);
  assertEquals([...all.last!], [...PAYLOAD]);
  const icmp = (rows as (Row & StoredPacket)[]).filter(({ protocol }) => protocol === "ICMP")
    .map(({ rowId }) => rowId).reverse();
  const some = await taken({ ...ALL, where: "icmp" }, 500);
  assertEquals(some.found.map(({ rowId }) => rowId), icmp.slice(0, 500));
  const span = { fromMs: START + HOUR, toMs: START + HOUR + MINUTE };
  const within = rows.map(({ time }) => Date.parse(time))
    .filter((time) => time >= span.fromMs && time < span.toMs);
  const part = await taken({ ...ALL, span });
  assertEquals(part.found.map(({ time }) => Date.parse(time)), within.reverse());
  const goOn = () => Promise.resolve(true);
  await assertRejects(() => reader.each(ALL, goOn, budget(0)), OutputError, "takes longer");
  const abort = new AbortController();
  const given = { ms: 60_000, signal: abort.signal };
  let count = 0;
  const question = reader.each(ALL, () => {
    if (++count === 300) abort.abort(new Error("the browser has left"));
    return Promise.resolve(true);
  }, given);
  await assertRejects(() => question, Error, "the browser has left");
  assert(count < rows.length);
}

/** Follows the live end while rows come. */
async function checkArrivals(store: TestStore, reader: StoreReader): Promise<void> {
  const choice = { kind: "packet", where: "mark >= 0 or not ip" } as const;
  const ask = (after?: string, limit = 100) =>
    reader.arrived({ kind: choice.kind }, after, limit, budget());
  const begin = await ask();
  assertEquals([begin.rows, begin.skipped], [[], 0]);
  assertEquals(await ask(begin.after), { rows: [], after: begin.after, skipped: 0 });
  const writer = await store.open();
  const write = async (marks: readonly number[], written: number) => {
    for (const mark of marks) await writer.write(row(mark, Date.now() + mark), 1);
    await until("arrived", () => writer.delivery!.written === written, 60_000);
  };
  await write([1, 2, 3], 3);
  const first = await ask(begin.after);
  const marks = (rows: Row[]) => rows.map((row) => (row as StoredPacket).mark);
  assertEquals([marks(first.rows), first.skipped], [[1, 2, 3], 0]);
  assertEquals((await ask(first.after)).rows, []);
  await write([4, 5, 6, 7, 8], 8);
  const second = await ask(first.after, 2);
  assertEquals([marks(second.rows), second.skipped], [[7, 8], 3]);
  assertEquals((await ask(second.after)).rows, []);
  const tcp = await reader.arrived({ kind: "packet", where: "tcp" }, begin.after, 10, budget());
  assertEquals(tcp.rows, []);
  await writer.close();
}

/** Gives a question up, and asks another one at once. */
async function checkCancel(reader: StoreReader): Promise<void> {
  const controller = new AbortController();
  const question = reader.top(ALL, ["source"], 5, { ms: 60_000, signal: controller.signal });
  controller.abort(new Error("the browser has left"));
  await assertRejects(() => question, Error, "the browser has left");
  assertEquals((await reader.page(ALL, 1, undefined, budget())).rows.length, 1);
  const none = await reader.page(ALL, 1, undefined, budget(0));
  assertEquals([none.rows, none.isComplete], [[], false]);
  await assertRejects(() => reader.losses(ALL.span, budget(0)), OutputError, "takes longer");
}

/** Statements that take long, and the number of sessions in which they run. */
const SLOW = {
  postgres: "SELECT count(pg_sleep(60))",
  mysql: "SELECT COUNT(*) AS slow FROM information_schema.columns a, " +
    "information_schema.columns b, information_schema.columns c",
};
const RUNNING = {
  postgres: "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT count(pg_sleep%'",
  mysql:
    "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT COUNT(*) AS slow%'",
};

/** Tries to write, and gives a question up that is running. */
async function checkConnection({ name, store: openStore, query }: TestStore): Promise<void> {
  await using store = await openStore();
  const untilMs = performance.now() + 60_000;
  const ask = (sql: string, signal = new AbortController().signal) =>
    store.rows(sql, untilMs, signal);
  const [count] = await query("SELECT count(*) FROM packets");
  for (const sql of ["DELETE FROM packets", "DROP TABLE packets", "CREATE TABLE x (y INT)"]) {
    await assertRejects(() => ask(sql), OutputError);
  }
  assertEquals((await query("SELECT count(*) FROM packets"))[0], count);
  if (name === "sqlite") return;
  const running = async () => Number((await query(RUNNING[name]))[0]);
  const controller = new AbortController();
  const question = ask(SLOW[name], controller.signal);
  const others = ask("SELECT 1 AS one");
  await until("it runs", async () => await running() > 0, 60_000);
  controller.abort(new Error("the browser has left"));
  await assertRejects(() => question, Error, "the browser has left");
  await until("it has ended", async () => await running() === 0, 60_000);
  assertEquals((await others).map(({ one }) => Number(one)), [1]);
  const { signal } = new AbortController();
  await assertRejects(
    () => store.rows(SLOW[name], performance.now() + 200, signal),
    SlowQueryError,
  );
  assertEquals((await ask("SELECT 2 AS one")).map(({ one }) => Number(one)), [2]);
}

testUnless(
  missing,
  "readers of SQLite, PostgreSQL and MySQL answer as the rows say, and cannot write",
  async (test) => {
    await using stores = await startStores();
    for (const store of stores) {
      await test.step(store.name, async () => {
        await fill(store);
        await using reader = await store.database.open!();
        const rows = await checkPages(reader);
        await checkCharts(reader, rows);
        await checkTop(reader, rows);
        await checkRest(reader, rows);
        await checkEach(reader, rows);
        await checkArrivals(store, reader);
        await checkCancel(reader);
        await checkConnection(store);
      });
    }
  },
);

Deno.test("rows of other programs that cannot be right stop no others", async () => {
  await using there = await place();
  {
    await using writer = await there.open();
    await writer.write(row(1, END - 1000), 1);
    await until("it arrived", () => writer.delivery.written === 1);
  }
  await using reader = await readerOf(there.path);
  const { after } = await reader.arrived({ kind: "packet" }, undefined, 10, budget());
  {
    using own = there.database();
    const most = "9223372036854775807";
    const time = (END - 500) * 1000;
    own.exec(`INSERT INTO packets (time, extra) VALUES (${time}, '{"a":');
      INSERT INTO packets (time, length, protocol, source_port) VALUES (${time}, ${most}, ${most}, -1);
      INSERT INTO packets (time, length, protocol) VALUES (${time}, ${most}, 6);
      INSERT INTO packets (time, source_address, session) VALUES (${time}, x'01', x'02');
      INSERT INTO packets (time, prefix) VALUES (-9223372036854775808, 'early');
      INSERT INTO packets (time, prefix) VALUES (${most}, 'late');`);
  }
  const page = await reader.page(ALL, 10, undefined, budget());
  assertEquals(page.rows.length, 5);
  assertEquals(page.rows.filter((row) => (row as StoredPacket).extra !== undefined), []);
  const arrived = await reader.arrived({ kind: "packet" }, after, 10, budget());
  assertEquals(arrived.rows.length, 6);
  for (const { rowId } of arrived.rows) {
    assert(await reader.record("packet", rowId, budget()) !== undefined);
  }
  const top = await reader.top(ALL, ["protocol", "source", "sourcePort"], 10, budget());
  assertEquals(top.counted, 5);
  const chart = await reader.chart({ ...ALL, where: "len > 0" }, HOUR, "protocol", budget());
  assertEquals(chart.packets.flat().reduce((sum, count) => sum + count, 0), 2);
  const { kinds } = await reader.summary(budget());
  assertEquals([kinds[0]!.oldestMs, kinds[0]!.newestMs], [END - 1000, END - 500]);
});

Deno.test("a table that its first record makes is found, and its rows have arrived", async () => {
  await using there = await place();
  await using writer = await there.open();
  await writer.write(row(1, END - 1000), 1);
  await until("it arrived", () => writer.delivery.written === 1, 60_000);
  await using reader = await readerOf(there.path);
  const all: Choice = { ...ALL, kind: "flow" };
  const ask = (after?: string) => reader.arrived({ kind: "flow" }, after, 200, budget());
  assertEquals((await reader.page(all, 10, undefined, budget())).rows, []);
  const none = await ask();
  assertEquals([none.rows, none.skipped], [[], 0]);
  const count = 1200;
  const flow = { host: 1, port: 1, outerPort: 1, start: START / 1000 };
  for (let id = 1; id <= count; id++) {
    await writer.write(flowRows([translated({ ...flow, id })]), 1);
  }
  await until("all arrived", () => writer.delivery.written === 1 + count, 60_000);
  let first = await ask(none.after);
  await until("it was looked for again", async () => {
    if (first.after === none.after) first = await ask(none.after);
    return first.after !== none.after;
  });
  assertEquals([first.rows.length, first.skipped], [1000, 200]);
  assertEquals(new Set(first.rows.map(({ rowId }) => rowId)).size, 1000);
  assertEquals((await ask(first.after)).rows, []);
  assertEquals((await reader.page(all, 10, undefined, budget())).rows.length, 10);
});

/** Reads the marks of rows, the oldest first. */
async function marksOf(reader: StoreReader): Promise<unknown[]> {
  const marks: unknown[] = [];
  await reader.each(ALL, (row) => {
    marks.push((row as StoredPacket).mark);
    return Promise.resolve(true);
  }, budget());
  return marks;
}

Deno.test("rows of the same time are read once each, in the order of their arrival", async () => {
  await using there = await place();
  await using writer = await there.open();
  const marks = Array.from({ length: 1000 }, (_, mark) => mark);
  for (const mark of marks) await writer.write(row(mark, mark < 100 ? START : END - 1000), 1);
  await until("all arrived", () => writer.delivery.written === 1000, 60_000);
  await using reader = await readerOf(there.path);
  assertEquals(await marksOf(reader), marks);
});

Deno.test("a reader goes on with the file that is put in the place of its own", async () => {
  await using there = await place();
  await using other = await place();
  for (const [mark, { open }] of [there, other].entries()) {
    await using writer = await open();
    await writer.write(row(mark + 1, END - 1000), 1);
    await until("it arrived", () => writer.delivery.written === 1, 60_000);
  }
  await using reader = await readerOf(there.path);
  const mark = async () => {
    const { rows } = await reader.page(ALL, 10, undefined, budget());
    return rows.map((row) => (row as StoredPacket).mark);
  };
  assertEquals(await mark(), [1]);
  const own = `${there.path}.own`;
  const question = { address: Uint8Array.of(192, 0, 2, 1), fromMs: 0, toMs: END, limit: 1 };
  await Deno.rename(there.path, own);
  assertEquals(await mark(), [1]);
  await Deno.symlink(other.path, there.path);
  assertEquals([await mark(), await marksOf(reader)], [[2], [2]]);
  await Deno.remove(there.path);
  await Deno.symlink(Deno.execPath(), there.path);
  const asks = [
    () => reader.page(ALL, 1, undefined, budget()),
    () => reader.arrived({ kind: "packet" }, undefined, 1, budget()),
    () => reader.translations({ ...question, port: 1, where: undefined, timeoutMs: 60_000 }),
    () => reader.summary(budget()),
  ];
  for (const ask of asks) await assertRejects(ask, OutputError, "no SQLite database");
  await Deno.remove(there.path);
  await Deno.rename(own, there.path);
  assertEquals(await mark(), [1]);
});

Deno.test("arrivals are looked through within the time limit", async () => {
  await using there = await place();
  await using writer = await there.open();
  await using reader = await readerOf(there.path);
  const { after } = await reader.arrived({ kind: "packet" }, undefined, 10, budget());
  for (let n = 0; n < 20; n++) await writer.write(rows(1000, 1000 * n, START), 1000);
  await until("all arrived", () => writer.delivery.written === 20_000);
  const where = Array.from({ length: 500 }, (_, port) => `port ${port + 1}`).join(" or ");
  const none = await reader.arrived({ kind: "packet", where }, after, 10, budget());
  assertEquals([none.rows, none.skipped], [[], 0]);
  // As far as it came, whatever the machine does in this time.
  const some = await reader.arrived({ kind: "packet", where }, after, 10, budget(20)).catch((e) =>
    e
  );
  if (!(some instanceof OutputError)) assertEquals([some.rows, some.after], [[], none.after]);
  const ask = () => reader.arrived({ kind: "packet" }, after, 10, budget(0));
  await assertRejects(ask, OutputError, "takes longer");
});
