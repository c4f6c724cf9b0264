import { assert, assertEquals, assertMatch } from "@std/assert";
import { COLUMNS } from "../../../src/output/table/columns.ts";
import { partitionOf } from "../../../src/output/postgres/partitions.ts";
import {
  copyStatement,
  newestOf,
  schemaScript,
  statements,
} from "../../../src/output/postgres/schema.ts";
import { literal } from "../../../src/output/postgres/schema/base.ts";
import { makeViews } from "../../../src/output/postgres/schema/views.ts";
import { parseTable } from "../../../src/output/postgres/table.ts";
import { PACKETS } from "../../../src/output/table/packets.ts";

Deno.test("COPY names every column in the encoder's order", () => {
  const statement = copyStatement(PACKETS, parseTable("firewall.packets"));
  assert(statement.startsWith('COPY "firewall"."packets" ("time", "host", "capture", '));
  assert(statement.endsWith('"extra", "payload") FROM STDIN (FORMAT binary)'));
  assertEquals(statement.split(", ").length, COLUMNS.length);
});

Deno.test("The script creates everything in one transaction, in the table's schema", () => {
  const script = schemaScript([[PACKETS, parseTable("firewall.log")]]);
  assert(script.startsWith('BEGIN;\n\nCREATE SCHEMA IF NOT EXISTS "firewall";\n\n'));
  assert(script.endsWith("COMMIT;\n"));
  for (const [, name] of script.matchAll(/CREATE (?:TABLE|VIEW) (?:IF NOT EXISTS )?(\S+)/g)) {
    assertMatch(name!, /^"firewall"\."/);
  }
  assert(!schemaScript([[PACKETS, parseTable("log")]]).includes("CREATE SCHEMA"));
});

Deno.test("Every step writes down the version that it leads to", () => {
  const table = parseTable("packets");
  assertMatch(statements(PACKETS, table, 0, 1).at(-1)!, /VALUES \('packets', 1\)/);
  assertMatch(
    statements(PACKETS, table, 1).at(-1)!,
    new RegExp(`VALUES \\('packets', ${newestOf(PACKETS)}\\)`),
  );
  assertEquals(statements(PACKETS, table, newestOf(PACKETS)).length, 1);
});

/** Returns the names of a table's views, as the statements have them. */
function viewNames(table: ReturnType<typeof parseTable>): string[] {
  const script = makeViews(PACKETS, table).join("\n");
  return [...script.matchAll(/^CREATE VIEW (?:.*\.)?"(.*)" AS$/gm)].map(([, name]) => name!);
}

Deno.test("Views are named after the table; those of packets have the plain names", () => {
  assertEquals(viewNames(parseTable("x.packets")), [
    "packets_per_minute",
    "top_sources",
    "top_ports",
    "ulog",
  ]);
  assertEquals(viewNames(parseTable("log")), [
    "log_per_minute",
    "log_top_sources",
    "log_top_ports",
    "log_ulog",
  ]);
});

Deno.test("A partition is named after its day", () => {
  const name = (day: number) => partitionOf(parseTable("packets"), day).name;
  assertEquals(name(0), "packets_19700101");
  assertEquals(name(19_782), "packets_20240229");
  assertEquals(name(2_932_896), "packets_99991231");
});

Deno.test("Text in SQL is what it was, with quotes and backslashes", () => {
  assertEquals(literal("plain"), "'plain'");
  assertEquals(literal("kernel's"), "'kernel''s'");
  assertEquals(literal("as \\xe9"), "E'as \\\\xe9'");
});
