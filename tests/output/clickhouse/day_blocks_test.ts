import { assertEquals, assertThrows } from "@std/assert";
import { BodyFrames } from "../../../src/output/clickhouse/body_frames.ts";
import type { DayBlock } from "../../../src/output/clickhouse/day_block.ts";
import { DayBlocks, type Rows } from "../../../src/output/clickhouse/day_blocks.ts";
import { storedColumns } from "../../../src/output/clickhouse/stored_columns.ts";
import { COUNTERS } from "../../../src/output/table/counters.ts";
import { PACKETS } from "../../../src/output/table/packets.ts";
import { StrangeRowError } from "../../../src/output/table/row_cursor.ts";
import { counter } from "../../../src/fixtures/counter.ts";
import { Counter } from "../../../src/counter/counter.ts";
import { counterRows } from "../../databases/flow_rows.ts";
import { row, rows, uint } from "../../databases/rows.ts";
import { concat, hex } from "../../packet/sample.ts";
import { NativeReader } from "./native_reader.ts";

const SPOOL = "00112233-4455-6677-8899-aabbccddeeff";
const DAY_MS = 86_400_000;

function allRows(piece: Uint8Array, more: Partial<Rows> = {}): Rows {
  return {
    pieces: [piece],
    spool: SPOOL,
    to: 0x0102,
    positionOf: (_, offset) => offset,
    arrived: new Map(),
    ...more,
  };
}

function of(piece: Uint8Array, more: Partial<Rows> = {}, isModern = true) {
  return new DayBlocks({ record: PACKETS, isModern }).of(allRows(piece, more));
}

/** Reads a block, by code apart from the one that wrote it. */
function read(block: DayBlock) {
  return new NativeReader(concat(...block.parts())).block();
}

Deno.test("a block has the columns of its table in order, with name, type and values", () => {
  const address = hex("02200004 0a5c0927");
  const first = row(5, 1000, { prefix: hex("c3a9"), hook: uint(3, 2), source_address: address });
  const piece = concat(first, row(6, 2000));
  for (const isModern of [true, false]) {
    const blocks = of(piece, {}, isModern);
    const block = blocks.get(0)!;
    assertEquals([blocks.size, block.rows], [1, 2]);
    const columns = read(block);
    assertEquals(
      columns.map(({ name, type }) => [name, type]),
      storedColumns({ record: PACKETS, isModern }).map(({ name, type }) => [name, type]),
    );
    const present = columns.filter(({ values }) => values.some((value) => value !== null));
    assertEquals(present.map(({ name, values }) => [name, ...values]), [
      ...isModern ? [["time", "40420f0000000000", "80841e0000000000"]] : [
        ["time", "01000000", "02000000"],
        ["time_micros", "00000000", "00000000"],
      ],
      ["prefix", "c3a9", null],
      ["hook", "03", null],
      ["mark", "05000000", "06000000"],
      ["source_address", "00000000000000000000ffff0a5c0927", null],
      ["spool", ...Array(2).fill("7766554433221100ffeeddccbbaa9988")],
      ["position", ...Array(2).fill("0201000000000000")],
    ]);
    // What a null stands for is compressed with the rest.
    assertEquals(present.every(({ plain }) => plain.every((bytes) => /^0*$/.test(bytes))), true);
  }
});

Deno.test("texts that repeat stand once in a block, and rows have their numbers", () => {
  const texts = ["drop ", "drop ", "", "accept é", "drop ", undefined, "accept é"];
  const encoded = texts.map((text) =>
    text === undefined ? undefined : new TextEncoder().encode(text)
  );
  const piece = concat(
    ...encoded.map((prefix, mark) => row(mark, mark, prefix === undefined ? {} : { prefix })),
  );
  const block = of(piece).get(0)!;
  const prefixes = read(block).find(({ name }) => name === "prefix")!;
  assertEquals(prefixes.values, encoded.map((prefix) => prefix?.toHex() ?? null));
  const bytes = new TextDecoder("latin1").decode(concat(...block.parts()));
  assertEquals(bytes.split("drop ").length, 2);
});

Deno.test("counts and durations have 64 bits", () => {
  const raw = Counter.rawOf(
    counter({ name: "web", packets: 2 ** 53 - 1, bytes: 155, interval: 10 }),
  );
  const blocks = new DayBlocks({ record: COUNTERS, isModern: true });
  const [block] = [...blocks.of(allRows(counterRows([raw]))).values()];
  const values = new Map(read(block!).map(({ name, values }) => [name, values[0]]));
  assertEquals([values.get("packets"), values.get("interval_seconds")], [
    "ffffffffffff1f00",
    "0000000000002440",
  ]);
});

Deno.test("each day has a block of its own, without the rows that have arrived", () => {
  const size = row(0, 0).length;
  const piece = rows(10, 0, 3 * DAY_MS - 4);
  assertEquals([...of(piece)].map(([day, { rows, first }]) => [day, rows, first / size]), [
    [2, 4, 1],
    [3, 6, 5],
  ]);
  const arrived = new Map([[2, 4 * size], [3, 8 * size]]);
  assertEquals([...of(piece, { arrived })].map(([day, { rows }]) => [day, rows]), [[3, 2]]);
});

Deno.test("nothing of an earlier batch is left in a block, however many rows that had", () => {
  const blocks = new DayBlocks({ record: PACKETS, isModern: true });
  const full = { hook: uint(3, 2), prefix: new Uint8Array(300).fill(0x41), length: uint(7, 4) };
  const many = Array.from({ length: 1000 }, (_, mark) => row(mark, mark, full));
  const broken = concat(...many, row(1, 0, { seq: uint(2 ** 32, 8) }));
  assertThrows(() => blocks.of(allRows(broken)), StrangeRowError);
  assertEquals(blocks.of(allRows(concat(...many))).get(0)!.rows, 1000);
  const few = rows(700, 7, 0);
  const fresh = [...of(few).values()][0]!;
  const used = blocks.of(allRows(few)).get(0)!;
  assertEquals(concat(...used.parts()).toHex(), concat(...fresh.parts()).toHex());
});

Deno.test("values that a column cannot have, and bytes that are no row, are refused", () => {
  const cases = [
    row(1, 0, { hook: uint(256, 2) }),
    row(1, 0, { ethertype: uint(65_536, 4) }),
    row(1, 0, { seq: uint(2 ** 32, 8) }),
    row(1).subarray(0, 50),
  ];
  for (const piece of cases) assertThrows(() => of(piece), StrangeRowError);
});

Deno.test("a body is frames, and no frame but the last one ends where a block does", () => {
  const frames = new BodyFrames();
  const blocks = [
    [hex("0102"), hex(""), hex("03")],
    [new Uint8Array(600_000).fill(7)],
    [hex("09"), hex("")],
  ];
  const pieces = blocks.flatMap((parts) => [...frames.block(parts)]);
  const body = concat(...pieces, frames.end());
  const contents: string[] = [];
  for (let at = 0; at < body.length;) {
    const view = new DataView(body.buffer, at);
    const size = view.getUint32(21, true);
    // Method none, then the sizes with and without the head's own 9 bytes.
    assertEquals([view.getUint8(16), view.getUint32(17, true)], [2, size + 9]);
    contents.push(body.subarray(at + 25, at + 25 + size).toHex());
    at += 25 + size;
  }
  assertEquals(contents, ["0102", "03" + "07".repeat(599_999), "07", "09"]);
});
