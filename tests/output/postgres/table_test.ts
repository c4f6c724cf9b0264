import { assertEquals, assertThrows } from "@std/assert";
import { parseTable, quoted } from "../../../src/output/postgres/table.ts";

Deno.test("A table is named with or without its schema, in the letters of its choice", () => {
  assertEquals(parseTable("packets"), { schema: undefined, name: "packets" });
  assertEquals(parseTable("Firewall._Log2"), { schema: "Firewall", name: "_Log2" });
  assertEquals(quoted(parseTable("packets")), '"packets"');
  assertEquals(quoted(parseTable("Firewall._Log2")), '"Firewall"."_Log2"');
});

Deno.test("Names that need quoting in SQL are refused", () => {
  const names = [
    "",
    ".",
    "a.",
    ".a",
    "a.b.c",
    "2day",
    "a-b",
    "a b",
    'a"b',
    "a;b",
    "pâquets",
    "a\0",
  ];
  for (const name of names) {
    assertThrows(
      () => parseTable(name),
      Error,
      "must be a table's name of letters, digits and _, as in packets or firewall.packets, not ",
    );
  }
});

Deno.test("A name leaves room for those of partitions and views", () => {
  const most = "p".repeat(51);
  assertEquals(parseTable(most).name, most);
  assertThrows(() => parseTable(`${most}p`), Error, "must be at most 51 letters long, not 52");
  assertThrows(() => parseTable(`${"s".repeat(64)}.p`), Error, "of at most 63 letters, not 64");
});

Deno.test("The bookkeeping's names are taken", () => {
  assertThrows(() => parseTable("nfscribe_spools"), Error, "must be another name");
  assertThrows(() => parseTable("firewall.nfscribe_tables"), Error, "must be another name");
});
