import { assertEquals, assertThrows } from "@std/assert";
import { BLOCK_HEAD } from "../../../src/output/clickhouse/block.ts";
import { RowBinary, type Rows } from "../../../src/output/clickhouse/row_binary.ts";
import { COLUMNS } from "../../../src/output/table/columns.ts";
import { StrangeRowError } from "../../../src/output/table/row_cursor.ts";
import { row, rows, uint } from "../../databases/rows.ts";
import { hex } from "../../packet/sample.ts";

const SPOOL = "00112233-4455-6677-8899-aabbccddeeff";
const DAY_MS = 86_400_000;

function of(piece: Uint8Array, more: Partial<Rows> = {}, isModern = true) {
  return new RowBinary(isModern).of({
    pieces: [piece],
    spool: SPOOL,
    to: 0x0102,
    positionOf: (_, offset) => offset,
    arrived: new Map(),
    ...more,
  });
}

Deno.test("a row of RowBinary has its columns in order, then spool and position", () => {
  const address = hex("02200004 0a5c0927");
  const piece = row(5, 1000, { prefix: hex("c3a9"), hook: uint(3, 2), source_address: address });
  const nulls = (from: string, to: string) => {
    const names = COLUMNS.map(([name]) => name as string);
    return "01".repeat(names.indexOf(to) - names.indexOf(from) - 1);
  };
  const end = "7766554433221100" + "ffeeddccbbaa9988" + "0201000000000000";
  const body = nulls("time", "prefix") + "0002c3a9" + "0003" + "0005000000" +
    nulls("mark", "source_address") + "00" + "00000000000000000000ffff0a5c0927" +
    "01".repeat(COLUMNS.length - COLUMNS.findIndex(([name]) => name === "source_address") - 1);
  for (
    const [isModern, time] of [[true, "40420f0000000000"], [false, "0100000000000000"]] as const
  ) {
    const [block, ...others] = of(piece, {}, isModern);
    assertEquals(block!.bytes.subarray(BLOCK_HEAD).toHex(), time + body + end);
    assertEquals([others.length, block!.rows, block!.day], [0, 1, 0]);
    // Method none, then the sizes with and without the head's own 9 bytes.
    const size = block!.bytes.length - BLOCK_HEAD;
    assertEquals(
      block!.bytes.subarray(16, BLOCK_HEAD).toHex(),
      "02" + uint(size + 9, 4).reverse().toHex() + uint(size, 4).reverse().toHex(),
    );
  }
});

Deno.test("each day has a block of its own, without the rows that have arrived", () => {
  const size = row(0, 0).length;
  const piece = rows(10, 0, 3 * DAY_MS - 4);
  assertEquals(of(piece).map(({ day, rows, first }) => [day, rows, first / size]), [
    [2, 4, 1],
    [3, 6, 5],
  ]);
  const arrived = new Map([[2, 4 * size], [3, 8 * size]]);
  assertEquals(of(piece, { arrived }).map(({ day, rows }) => [day, rows]), [[3, 2]]);
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
