import { assertEquals } from "@std/assert";
import { TYPES as CLICKHOUSE } from "../../src/output/clickhouse/dialect.ts";
import { TYPES as MYSQL } from "../../src/output/mysql/dialect.ts";
import { TYPES as POSTGRES } from "../../src/output/postgres/dialect.ts";
import { TYPES as SQLITE } from "../../src/output/sqlite/dialect.ts";
import { COLUMNS } from "../../src/output/table/columns.ts";
import { COUNTER_COLUMNS } from "../../src/output/table/counter_columns.ts";
import { COUNT_COLUMNS } from "../../src/output/table/counts/counted.ts";
import { FLOW_COLUMNS } from "../../src/output/table/flow_columns.ts";
import { ROOT } from "../system/process.ts";

const TEXT = await Deno.readTextFile(`${ROOT}docs/columns.md`);

/** Returns the rows of a section's table, without code spans. */
function rowsBelow(heading: string): string[][] {
  const section = TEXT.split(/^## /m).find((section) => section.startsWith(`${heading}\n`))!;
  const [, , ...rows] = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.map((row) =>
    row.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""))
  );
}

Deno.test("docs/columns.md: its columns are those of the tables", () => {
  const tables = {
    packets: COLUMNS,
    flows: FLOW_COLUMNS,
    counters: COUNTER_COLUMNS,
    "Counts: packets_counts, flows_counts": COUNT_COLUMNS,
  };
  for (const [heading, columns] of Object.entries(tables)) {
    assertEquals(rowsBelow(heading), columns.map((column) => [...column]));
  }
});

Deno.test("docs/columns.md: each database has these types", () => {
  const databases = [POSTGRES, MYSQL, SQLITE, CLICKHOUSE];
  assertEquals(
    rowsBelow("Kinds of columns"),
    Object.keys(POSTGRES).map((kind) => [kind, ...databases.map((types) => types[kind as never])]),
  );
});
