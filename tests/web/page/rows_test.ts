import { assert, assertEquals } from "@std/assert";
import type { Row, StoredLoss } from "../../../src/web/page/api/types.ts";
import { Entries, ENTRIES_MAX } from "../../../src/web/page/table/entries.ts";
import { groupId, type Item, itemsOf } from "../../../src/web/page/table/items.ts";

const START = Date.parse("2026-11-29T12:00:00Z");
const ALL = { isGrouped: false, expanded: new Set<string>() };
const GROUPED = { ...ALL, isGrouped: true };

function row(id: number, timeMs = START + id, others: Partial<Row> = {}): Row {
  const time = new Date(timeMs).toISOString();
  return { type: "packet", version: 1, time, rowId: String(id), prefix: "a", ...others } as Row;
}

function texts(items: readonly Item[]): string[] {
  return items.map((item) =>
    item.type === "row"
      ? `${item.row.rowId}${item.members.length > 1 ? `×${item.members.length}` : ""}`
      : item.type === "loss"
      ? `lost ${item.loss.packets}`
      : `skipped ${item.skipped}`
  );
}

function entriesOf(rows: Row[]): Entries {
  const entries = new Entries();
  entries.append(rows);
  return entries;
}

Deno.test("Entries take each row once, from pages and as they arrive", () => {
  const entries = new Entries();
  entries.arrive([row(3), row(4)], 0, START);
  assertEquals(entries.append([row(4), row(3), row(2)]), 1);
  entries.arrive([row(4), row(5)], 0, START);
  assertEquals(texts(itemsOf(entries.list, [], ALL)), ["5", "4", "3", "2"]);
  assertEquals(entries.oldest?.row.rowId, "2");
});

Deno.test("Entries are in the order of time, in which rows do not quite arrive", () => {
  const entries = entriesOf([row(20), row(10)]);
  entries.arrive([row(25), row(15), row(30), row(21)], 0, START);
  entries.arrive([row(31), row(5)], 0, START);
  assertEquals(texts(itemsOf(entries.list, [], ALL)), [
    "31",
    "30",
    "25",
    "21",
    "20",
    "15",
    "10",
    "5",
  ]);
  const same = entriesOf([row(1, START)]);
  same.arrive([row(2, START), row(3, START)], 0, START);
  assertEquals(texts(itemsOf(same.list, [], ALL)), ["3", "2", "1"]);
});

Deno.test("Entries keep the place of rows that were skipped, and add up neighbours", () => {
  const entries = entriesOf([row(1)]);
  entries.arrive([row(9)], 7, START);
  entries.arrive([], 3, START + 20);
  entries.arrive([], 2, START + 21);
  assertEquals(texts(itemsOf(entries.list, [], ALL)), ["skipped 5", "9", "skipped 7", "1"]);
});

Deno.test("Entries have an end, and know when they were cut there", () => {
  const entries = new Entries();
  for (let n = 0; n < ENTRIES_MAX; n += 100) {
    entries.arrive(Array.from({ length: 100 }, (_, at) => row(n + at)), 0, START);
  }
  assert(!entries.isCut);
  entries.arrive([row(ENTRIES_MAX), row(ENTRIES_MAX + 1)], 0, START);
  assertEquals([entries.list.length, entries.size], [ENTRIES_MAX, ENTRIES_MAX]);
  assert(entries.isCut);
  assertEquals(entries.oldest?.row.rowId, "2");
  // What was cut off may come again.
  assertEquals(entries.append([row(1)]), 1);
  entries.forget(START + ENTRIES_MAX);
  assertEquals(entries.size, 2);
});

Deno.test("Rows that were held back come in front, each once", () => {
  const [entries, held] = [entriesOf([row(2), row(1)]), new Entries()];
  held.arrive([row(2), row(3)], 4, START);
  entries.release(held);
  assertEquals(texts(itemsOf(entries.list, [], ALL)), ["3", "skipped 4", "2", "1"]);
});

Deno.test("Rows that are too many to be held back are skipped where they would be", () => {
  const [entries, held] = [entriesOf([row(1)]), new Entries()];
  held.arrive([row(2)], 5, START);
  held.arrive([row(3), row(4)], 0, START);
  held.forget(START + 4);
  entries.release(held);
  assertEquals(texts(itemsOf(entries.list, [], ALL)), ["4", "skipped 7", "1"]);
});

Deno.test("itemsOf() puts losses where they happened", () => {
  const loss = (timeMs: number, packets: number): StoredLoss => ({ timeMs, packets, capture: "c" });
  const { list } = entriesOf([row(30), row(20), row(10)]);
  const losses = [loss(START + 15, 1), loss(START + 25, 2), loss(START + 35, 3)];
  const expected = ["lost 3", "30", "lost 2", "20", "lost 1", "10"];
  assertEquals(texts(itemsOf(list, losses, ALL)), expected);
  assertEquals(texts(itemsOf(list, losses, GROUPED)), expected);
  assertEquals(texts(itemsOf([], losses, ALL)), ["lost 3", "lost 2", "lost 1"]);
});

Deno.test("itemsOf() shows rows that are alike as one if they are near, but for the sender's port", () => {
  const { list } = entriesOf([
    row(6, START + 70_000, { sourcePort: 1 }),
    row(5, START + 69_000, { prefix: "b" }),
    row(4, START + 68_000, { sourcePort: 2 }),
    row(3, START + 67_000, { destinationPort: 22 }),
    row(2, START, { sourcePort: 3 }),
  ]);
  const items = itemsOf(list, [], GROUPED);
  assertEquals(texts(items), ["6×2", "5", "3", "2"]);
  const [first] = items;
  assert(first?.type === "row");
  const expanded = new Set([groupId(first)]);
  const each = itemsOf(list, [], { isGrouped: true, expanded });
  assertEquals(texts(each), ["6×2", "6", "4", "5", "3", "2"]);
  assertEquals(new Set(each.map(({ id }) => id)).size, each.length);
});
