/**
 * Chunks of messages in a spool and in SQLite, without a capture.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { Origin } from "../../../src/record/origin.ts";
import { until } from "../../system/process.ts";
import { row, rows } from "../rows.ts";
import { place } from "../sqlite.ts";

type Place = Awaited<ReturnType<typeof place>>;
type SqliteWriter = Awaited<ReturnType<Place["open"]>>;

/** Returns the origin of the chunk with a number, behind the one before. */
function originOf(number: number, fields: Partial<Origin> = {}): Origin {
  const session = "11111111-1111-4111-8111-111111111111";
  const previous = { from: number - 1, part: 0, chunk: 0 };
  const here = { from: number, part: 0, chunk: 0 };
  return { session, lane: "host.fw.packet", ...here, previous, isLast: true, ...fields };
}

/** Writes a chunk of ten rows, in two frames, and a loss of as many packets as its number. */
async function writeChunk(writer: SqliteWriter, number: number): Promise<number> {
  writer.chunks.begin();
  await writer.lost!({ source: "fleet", packets: number, seconds: 1, nanoseconds: 0 });
  await writer.write(rows(6, number * 10), 6);
  await writer.write(rows(4, number * 10 + 6), 4);
  return await writer.chunks.end(originOf(number));
}

const COUNT = "SELECT count(*), count(DISTINCT mark) FROM packets";
const LOST = "SELECT sum(packets) FROM packets_losses";
const SPANS = "SELECT spans FROM nfscribe_received";

Deno.test("a chunk that another spool has brought is left out, with its losses", async () => {
  await using there = await place();
  await using writer = await there.open();
  for (const number of [1, 2, 3]) await writeChunk(writer, number);
  await until("the rows are there", () => writer.delivery.written === 30);
  assertEquals(there.query(SPANS), [["1.0.0-3.0.0"]]);
  for (const number of [2, 3, 4]) await writeChunk(writer, number);
  await until("the rows are there", () => writer.delivery.written === 60);
  assertEquals([there.query(COUNT), there.query(LOST)], [[[40, 40]], [[10]]]);
  assertEquals([writer.figures().repeated, writer.delivery.spooled], [20, 0]);
  assertEquals(there.query("SELECT sum(records) FROM packets_counts WHERE step = 60"), [[40]]);
  assertEquals(there.query("SELECT rows FROM nfscribe_spools"), [[40]]);
  assertEquals(there.query(SPANS), [["1.0.0-4.0.0"]]);
});

Deno.test("rows whose chunk has no end are not loaded, whether nfscribe ends in order or not", async () => {
  await using there = await place();
  {
    await using writer = await there.open();
    await writeChunk(writer, 1);
    writer.chunks.begin();
    await writer.write(rows(6, 20), 6);
    await until("the rows are there", () => writer.delivery.written === 10);
    // The chunk may still be completed.
    assertEquals([there.query(COUNT), writer.delivery.spooled], [[[10, 10]], 6]);
  }
  {
    await using writer = await there.open();
    await writeChunk(writer, 2);
    await until("the rows are there", () => writer.delivery.written === 10);
  }
  assertEquals([there.query(COUNT), there.query(LOST)], [[[20, 20]], [[3]]]);
  assertMatch(there.said.join("\n"), /Rows of a message that was not received whole are left out/);
});

Deno.test("rows of no chunk are between chunks, and all arrive", async () => {
  await using there = await place();
  await using writer = await there.open();
  await writer.write(rows(5, 1000), 5);
  await writeChunk(writer, 1);
  await writer.write(rows(5, 2000), 5);
  await writer.lost!({ source: "nflog", packets: 7, seconds: 9, nanoseconds: 0 });
  await writeChunk(writer, 1);
  await until("the rows are there", () => writer.delivery.written === 30);
  assertEquals([there.query(COUNT), there.query(LOST)], [[[20, 20]], [[8]]]);
});

Deno.test("a chunk with a row that the database refuses is claimed, and loaded without it", async () => {
  await using there = await place();
  await using writer = await there.open();
  using database = there.database();
  database.exec(`CREATE TRIGGER picky BEFORE INSERT ON packets WHEN NEW.mark = 13
    BEGIN SELECT RAISE(ABORT, 'unlucky'); END`);
  await writeChunk(writer, 1);
  await until("the row is refused", () => writer.delivery.failed === 1);
  assertEquals([there.query(COUNT), there.query(LOST)], [[[9, 9]], [[1]]]);
  database.exec("DROP TRIGGER picky");
  await writeChunk(writer, 1);
  await until("the chunk is left out", () => writer.delivery.written === 19);
  assertEquals(there.query(COUNT), [[9, 9]]);
});

Deno.test("a chunk is one batch, however few rows a batch may have", async () => {
  await using there = await place({ flushRows: 1 });
  await using writer = await there.open();
  for (let number = 1; number <= 20; number++) await writeChunk(writer, number);
  await until("the rows are there", () => writer.delivery.written === 200);
  assertEquals(there.query(COUNT), [[200, 200]]);
  assertEquals(there.query(SPANS), [["1.0.0-20.0.0"]]);
});

Deno.test("a chunk that is larger than a batch arrives whole", async () => {
  await using there = await place();
  await using writer = await there.open();
  const large = row(1, 0, { payload: new Uint8Array(400_000) });
  writer.chunks.begin();
  for (let frame = 0; frame < 15; frame++) await writer.write(large, 1);
  await writer.chunks.end(originOf(1));
  await until("the rows are there", () => writer.delivery.written === 15);
  // Segments end before a chunk that may not fit.
  for (let number = 2; number < 6; number++) {
    writer.chunks.begin();
    for (let frame = 0; frame < 15; frame++) await writer.write(large, 1);
    await writer.chunks.end(originOf(number));
  }
  await until("the rows are there", () => writer.delivery.written === 75);
  assertEquals([there.query(COUNT), there.query(SPANS)], [[[75, 1]], [["1.0.0-5.0.0"]]]);
  // Segments that are done with have lost nothing, though their rows were left out.
  for (let number = 1; number < 6; number++) {
    writer.chunks.begin();
    for (let frame = 0; frame < 15; frame++) await writer.write(large, 1);
    await writer.chunks.end(originOf(number));
  }
  await until("the chunks are left out", () => writer.figures().repeated === 75);
  const { written, spooled, failed } = writer.delivery;
  assertEquals([written, spooled, failed], [150, 0, 0]);
  assertEquals([there.query(COUNT), there.said.filter((line) => line.includes("lost"))], [
    [[75, 1]],
    [],
  ]);
});

Deno.test("what is synced each second is safe once it is synced, or has arrived", async () => {
  await using there = await place({ spoolSync: "second", flushMs: 60_000 });
  await using writer = await there.open();
  const end = await writeChunk(writer, 1);
  await until("the spool is synced", () => writer.chunks.safe >= end);
  assertEquals(writer.delivery.written, 0);
});

Deno.test("an older database gets the table of chunks, and lanes that are old are forgotten", async () => {
  await using there = await place();
  await (await there.open()).close();
  {
    using database = there.database();
    database.exec("DROP TABLE nfscribe_received; UPDATE nfscribe_tables SET version = 3");
  }
  await using writer = await there.open();
  assertMatch(there.said.join("\n"), /The table packets of \S+ was updated/);
  await writeChunk(writer, 1);
  await until("the rows are there", () => writer.delivery.written === 10);
  age(there.path);
  writer.chunks.begin();
  await writer.chunks.end(originOf(1, { lane: "host.other.packet" }));
  const lanes = "SELECT lane FROM nfscribe_received";
  await until("it is forgotten", () => there.query(lanes)[0]?.[0] === "host.other.packet");
  assertEquals(there.query(lanes), [["host.other.packet"]]);
});

function age(path: string): void {
  using database = new DatabaseSync(path);
  database.exec("UPDATE nfscribe_received SET updated = '2020-01-01T00:00:00.000Z'");
}
