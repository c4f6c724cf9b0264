import { assertEquals } from "@std/assert";
import type { Chart, LiveStats, Stats } from "../../../src/web/page/api/types.ts";
import { bothWays, firstBucket } from "../../../src/web/page/about/ways.ts";
import { stacked, stepFor, totals } from "../../../src/web/page/chart/buckets.ts";
import { ratesOf } from "../../../src/web/page/layout/rates.ts";
import { flagLetters } from "../../../src/web/page/packets/flags.ts";
import type { Column } from "../../../src/web/page/table/column.ts";
import { fitting } from "../../../src/web/page/table/fitting.ts";
import { bytes, clock, duration, moment, plural, tick } from "../../../src/web/page/text/format.ts";
import { colourClass } from "../../../src/web/page/text/keys.ts";

const NOON = Date.parse("2026-11-29T12:00:00.123Z");
const REACH = { isComplete: true, reachedMs: 0, isExact: true };

function chart(packets: number[][]): Chart {
  const keys = packets.map((_, at) => `key ${at}`);
  return { ...REACH, stepMs: 1000, startMs: 5000, keys, packets, bytes: packets };
}

Deno.test("Buckets are of widths that people can read", () => {
  const span = (ms: number) => ({ fromMs: 0, toMs: ms });
  assertEquals(stepFor(span(60_000), 1000), 1000);
  assertEquals(stepFor(span(3_600_000), 1000), 30_000);
  assertEquals(stepFor(span(3_600_000), 300), 120_000);
  assertEquals(stepFor(span(365 * 86_400_000), 1000), 7 * 86_400_000);
  assertEquals(stepFor(span(1e15), 1000), 30 * 86_400_000);
});

Deno.test("stacked() puts each key on top of those before", () => {
  const counts = chart([[1, 2], [10, 20]]);
  assertEquals(stacked(counts, "packets"), { times: [5, 6], sums: [[1, 2], [11, 22]], total: 33 });
  assertEquals(totals(counts, "packets"), [3, 30]);
  assertEquals(stacked(chart([]), "packets"), { times: [], sums: [], total: 0 });
});

Deno.test("bothWays() joins what an address sends and receives", () => {
  const joined = bothWays(chart([[0, 1], [0, 2]]), chart([[0, 5]]))!;
  assertEquals([joined.keys, joined.packets], [["sent", "received"], [[0, 3], [0, 5]]]);
  assertEquals(firstBucket(joined), { fromMs: 6000, toMs: 7000 });
  assertEquals(firstBucket(chart([[0, 0]])), undefined);
  assertEquals(bothWays(chart([]), undefined), undefined);
});

Deno.test("ratesOf() takes the last seconds, and what was lost meanwhile", () => {
  const at = (seconds: number, received: number, lost: number): LiveStats => ({
    timeMs: seconds * 1000,
    stats: { sources: { a: { received, lost }, b: { received: 0, lost: 0 } } } as unknown as Stats,
  });
  assertEquals(ratesOf([]), undefined);
  assertEquals(ratesOf([at(0, 5, 2)]), { perSecond: 0, lost: 0, lostAll: 2 });
  const history = [at(0, 0, 2), at(1, 0, 2), at(5, 400, 3)];
  assertEquals(ratesOf(history), { perSecond: 100, lost: 1, lostAll: 3 });
  assertEquals(ratesOf([...history, { timeMs: 6000, stats: null }]), undefined);
  assertEquals(ratesOf([...history, at(9, 1, 0)]), { perSecond: 0, lost: 0, lostAll: 0 });
});

Deno.test("Numbers and times are written for people", () => {
  assertEquals([0, 999, 1500, 2_340_000].map(bytes), ["0 B", "999 B", "1.5 kB", "2.3 MB"]);
  assertEquals([plural(1, "row"), plural(1234, "row")], ["1 row", "1,234 rows"]);
  assertEquals(clock(NOON, "utc"), "12:00:00.123");
  assertEquals(moment(NOON, "utc"), "2026-11-29 12:00:00");
  assertEquals([900_000, 5000, 20].map(duration), ["15 minutes", "5 seconds", "20 ms"]);
  for (const none of [NaN, 9e15, -1e14, Infinity]) {
    assertEquals([clock, moment].map((write) => write(none, "local")), ["no time", "no time"]);
  }
  const midnight = Date.parse("2026-11-29T00:00:00Z");
  assertEquals(tick(midnight, 3600, "utc"), "Nov 29");
  assertEquals([tick(NOON, 300, "utc"), tick(NOON, 10, "utc")], ["12:00", "12:00:00"]);
  assertEquals(["S", "SA", "–"], [0x02, 0x12, 0].map(flagLetters));
});

Deno.test("Values have colours of their own, the same each time, while there are enough", () => {
  const names = Array.from({ length: 10 }, (_, at) => `prefix ${at}`);
  const colours = names.map((name) => colourClass("prefix", name));
  assertEquals(new Set(colours).size, names.length);
  assertEquals(names.map((name) => colourClass("prefix", name)), colours);
  assertEquals(colourClass("action", "drop"), "key-drop");
  assertEquals(colourClass("prefix", ""), "key-none");
});

Deno.test("Columns that matter less are left out where there is no room for all", () => {
  const column = (id: string, width: number, spare?: number): Column => ({
    ...{ id, title: id, about: id, width, isShown: true, cell: () => id },
    ...spare !== undefined && { spare },
  });
  const columns = [column("a", 10), column("b", 10, 2), column("c", 10, 1), column("d", 10)];
  const ids = (digits: number) => fitting(columns, digits).map(({ id }) => id).join("");
  assertEquals([100, 47, 36, 1].map(ids), ["abcd", "abd", "ad", "ad"]);
  assertEquals(ids(Infinity), "abcd");
});
