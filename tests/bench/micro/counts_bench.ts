import { RowCounter } from "../../../src/output/table/counts/row_counter.ts";
import { PACKETS } from "../../../src/output/table/packets.ts";
import { manyRows } from "../many_rows.ts";

const ROWS = 10_000;
const END = Date.parse("2026-06-15T12:00:00Z");
const frames = [...manyRows(ROWS, END - 60_000, END)].flatMap(({ frames }) => frames);

Deno.bench("count 10,000 rows of packets by time and keys", () => {
  const counter = new RowCounter(PACKETS);
  counter.add(frames);
  counter.counts();
});
