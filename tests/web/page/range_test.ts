import { assertEquals } from "@std/assert";
import { FIRST_VIEW, queryOf, viewOf } from "../../../src/web/page/state/address.ts";
import { fixedRange, isLive, moved, timesOf, zoomedOut } from "../../../src/web/page/time/range.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");
const HOUR = 3_600_000;

Deno.test("timesOf() reads moments and lengths, and takes the first range in place of nonsense", () => {
  assertEquals(timesOf({ from: "-1h", to: "now" }, NOW), { fromMs: NOW - HOUR, toMs: NOW });
  assertEquals(timesOf({ from: "2026-11-29T10:00:00Z", to: "-30m" }, NOW), {
    fromMs: NOW - 2 * HOUR,
    toMs: NOW - HOUR / 2,
  });
  for (const range of [{ from: "soon", to: "now" }, { from: "now", to: "-1h" }]) {
    assertEquals(timesOf(range, NOW), { fromMs: NOW - HOUR / 4, toMs: NOW });
  }
});

Deno.test("zoomedOut() doubles a range, and stays live", () => {
  assertEquals(zoomedOut({ from: "-15m", to: "now" }, NOW), { from: "-1h", to: "now" });
  assertEquals(zoomedOut({ from: "-1y", to: "now" }, NOW), { from: "-1y", to: "now" });
  const fixed = fixedRange({ fromMs: NOW - 4 * HOUR, toMs: NOW - 2 * HOUR });
  assertEquals(zoomedOut(fixed, NOW), {
    from: "2026-11-29T07:00:00Z",
    to: "2026-11-29T11:00:00Z",
  });
  const recent = fixedRange({ fromMs: NOW - 2 * HOUR, toMs: NOW });
  assertEquals(zoomedOut(recent, NOW).to, "2026-11-29T12:00:00Z");
});

Deno.test("moved() goes back by half, and not beyond now", () => {
  const earlier = moved({ from: "-1h", to: "now" }, -1, NOW);
  assertEquals(earlier, { from: "2026-11-29T10:30:00Z", to: "2026-11-29T11:30:00Z" });
  assertEquals(
    moved(moved(earlier, 1, NOW), 1, NOW),
    fixedRange({ fromMs: NOW - HOUR, toMs: NOW }),
  );
  assertEquals(moved({ from: "-1h", to: "now" }, 1, NOW), { from: "-1h", to: "now" });
});

Deno.test("viewOf() reads what queryOf() wrote", () => {
  const view = {
    ...FIRST_VIEW,
    tab: "flows",
    where: 'prefix "a&b=c" and tcp[tcpflags] & 2 != 0',
    from: "2026-11-29T10:00:00Z",
    to: "2026-11-29T11:00:00Z",
    by: "protocol",
    measure: "bytes",
    id: "77",
  } as const;
  const { about, address, port, at, ...read } = viewOf(queryOf(view));
  assertEquals({ ...read }, { ...view });
  assertEquals([about, address, port, at], [undefined, undefined, undefined, undefined]);
  assertEquals(isLive(viewOf("?from=x&to=y")), true);
  assertEquals(viewOf("?view=moon&by=taste&measure=litres").tab, "packets");
});
