import { assertEquals } from "@std/assert";
import { COLUMNS } from "../../../src/output/table/columns.ts";
import { cutRows, describeRow, rowOf } from "../../../src/output/table/parse_row.ts";

/** Returns a row with a time and, in another column, some bytes. */
function row(column = "mark", bytes?: Uint8Array): Uint8Array {
  return rowOf(
    COLUMNS.map(([name]) =>
      name === "time" ? new Uint8Array(8) : name === column ? bytes : undefined
    ),
  );
}

const zeros = (length: number) => new Uint8Array(length);
const joined = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));

Deno.test("cutRows() gives rows, and apart from them what is none", () => {
  const good = row();
  const cases: [name: string, frame: Uint8Array, rows: number, strange: number][] = [
    ["two rows", joined(good, good), 2, 0],
    ["bytes behind a row", joined(good, zeros(7)), 1, 1],
    ["half a row", joined(good, good.subarray(0, 50)), 1, 1],
    ["COPY's end between rows", joined(good, Uint8Array.of(0xff, 0xff), good), 1, 1],
    ["a field's length beyond the frame", Uint8Array.of(0, 1, 0x7f, 0xff, 0xff, 0xff), 0, 1],
    ["a field's length below null", Uint8Array.of(0, 1, 0x80, 0, 0, 0), 0, 1],
    ["one byte", zeros(1), 0, 1],
    ["a row of another table", joined(rowOf([zeros(8)]), good), 1, 1],
    ["a number that is too short", joined(row("mark", zeros(4)), good), 1, 1],
    ["a UUID that is too long", joined(row("session", zeros(17)), good), 1, 1],
    ["an address of 5 bytes", joined(row("source_address", zeros(9)), good), 1, 1],
    ["jsonb of another version", joined(row("extra", Uint8Array.of(2, 0x31)), good), 1, 1],
    ["jsonb", row("extra", Uint8Array.of(1, 0x31)), 1, 0],
  ];
  for (const [name, frame, rows, strange] of cases) {
    const cut = cutRows([frame]);
    assertEquals([cut.rows.length, cut.strange.length], [rows, strange], name);
    for (const each of cut.rows) describeRow(each);
    assertEquals(joined(...cut.rows, ...cut.strange).length, frame.length, name);
  }
});

Deno.test("cutRows() ends, and loses no byte, whatever a frame holds", () => {
  let seed = 1;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  for (let round = 0; round < 2000; round++) {
    const frame = joined(row(), row("extra", Uint8Array.of(1, 0x31)), row());
    for (let i = 0; i < 5; i++) frame[Math.floor(random() * frame.length)] = random() * 256;
    const { rows, strange } = cutRows([frame]);
    for (const each of rows) describeRow(each);
    const all = [...rows, ...strange].reduce((sum, { length }) => sum + length, 0);
    assertEquals(all, frame.length);
  }
});
