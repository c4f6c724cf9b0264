import { assertEquals, assertThrows } from "@std/assert";
import { Random } from "../../fuzz/random.ts";
import { hex } from "../../packet/sample.ts";
import { dateTimeText } from "../../../src/output/mysql/date_time.ts";
import { insertStatements } from "../../../src/output/mysql/insert_statements.ts";
import { LoadLines } from "../../../src/output/mysql/load_lines.ts";
import { COLUMNS } from "../../../src/output/table/columns.ts";
import { StrangeRowError } from "../../../src/output/table/row_cursor.ts";
import { row, rows, uint } from "../../databases/rows.ts";
import { PACKETS } from "../../../src/output/table/packets.ts";

/** Returns the lines of rows as Latin-1. */
function lines(...frames: Uint8Array[]): string {
  let text = "";
  for (const piece of new LoadLines(PACKETS.form).of(frames)) text += piece.toString("latin1");
  return text;
}

/** Puts values of some columns into a line without any other. */
function line(values: Readonly<Record<string, string>>): string {
  return COLUMNS.map(([name]) => values[name] ?? "\\N").join("\t") + "\n";
}

Deno.test("a line has each value as MySQL reads it, byte by byte", () => {
  const made = lines(row(4_294_967_295, 1_700_000_000_123, {
    prefix: new TextEncoder().encode("a\tb\nc\\d\0"),
    hook: uint(0, 2),
    source_address: hex("02200004 0a5c0900"),
    extra: hex("01 7b7d"),
    payload: hex("ff0a"),
  }));
  assertEquals(
    made,
    line({
      time: "2023-11-14 22:13:20.123000",
      prefix: "a\\tb\\nc\\\\d\\0",
      hook: "0",
      mark: "4294967295",
      source_address: "\\n\\\\\\t\\0",
      extra: "{}",
      payload: "\xff\\n",
    }),
  );
});

Deno.test("pieces join to the same lines however long rows are", () => {
  const long = row(1, 0, { payload: new Uint8Array(900_000).fill(0x5c) });
  const made = lines(rows(3000, 0, 0), long, rows(3000, 3000, 0));
  const expected = [...Array(3000).keys()].map((mark) =>
    line({ time: dateTimeText(mark * 1000), mark: String(mark) })
  );
  const split = made.split("\n");
  assertEquals(split.length, 6002);
  assertEquals(split.slice(0, 3000).map((text) => `${text}\n`), expected);
  const time = dateTimeText(0);
  assertEquals(`${split[3000]}\n`, line({ time, mark: "1", payload: "\\".repeat(1_800_000) }));
});

Deno.test("times beyond DATETIME are its last, whatever the microseconds", () => {
  assertEquals(dateTimeText(Infinity), "9999-12-31 23:59:59.999999");
  assertEquals(dateTimeText(0), "1970-01-01 00:00:00.000000");
  assertEquals(dateTimeText(951_782_400_000_001), "2000-02-29 00:00:00.000001");
  assertEquals(
    lines(row(0, 0, { time: hex("7fffffffffffffff") })).split("\t")[0],
    "9999-12-31 23:59:59.999999",
  );
});

Deno.test("statements hold the same rows, with text that ends nothing", () => {
  const [statement, ...others] = insertStatements(PACKETS, "packets", [
    row(1, 0, { prefix: new TextEncoder().encode("\ufeff'); DROP TABLE packets; --\\") }),
  ]);
  assertEquals(others, []);
  assertEquals(statement!.includes("'\ufeff\\'); DROP TABLE packets; --\\\\'"), true, statement);
  assertEquals([...insertStatements(PACKETS, "packets", [rows(450)])].length, 3);
});

Deno.test("any bytes become lines of whole columns, or are no row", () => {
  const random = new Random(5);
  const good = row(7, 1000, { prefix: hex("61ff"), session: new Uint8Array(16) });
  for (let round = 0; round < 20_000; round++) {
    const bytes = good.slice();
    for (let change = 0; change < 3; change++) {
      bytes[random.below(bytes.length)] = random.below(256);
    }
    try {
      for (const text of lines(bytes).split("\n").slice(0, -1)) {
        assertEquals(text.split("\t").length, COLUMNS.length);
      }
      for (const statement of insertStatements(PACKETS, "packets", [bytes])) statement.trim();
    } catch (error) {
      if (!(error instanceof StrangeRowError)) throw error;
    }
  }
  assertThrows(() => lines(new Uint8Array(3)), StrangeRowError);
});
