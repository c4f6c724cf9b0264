import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../src/cli/command.ts";
import { spanOf, timeOf } from "../../../src/cli/db/times.ts";

const NOW = Date.parse("2026-11-29T05:30:00Z");
const at = (text: string) => new Date(timeOf("since", text, NOW)!).toISOString();

Deno.test("a time is an age, a date, or the last time that it was so late", () => {
  for (
    const [text, expected] of [
      ["90s", "2026-11-29T05:28:30.000Z"],
      ["2026-01-31", "2026-01-31T00:00:00.000Z"],
      ["2026-01-31 10:00", "2026-01-31T10:00:00.000Z"],
      ["2026-01-31T10:00:05.25+01:00", "2026-01-31T09:00:05.250Z"],
      ["02:37", "2026-11-29T02:37:00.000Z"],
      ["05:30", "2026-11-29T05:30:00.000Z"],
      ["05:30:00.5", "2026-11-28T05:30:00.500Z"],
      ["23:59:59Z", "2026-11-28T23:59:59.000Z"],
      // There, it is the 30th, and the 28th.
      ["00:10+19:00", "2026-11-29T05:10:00.000Z"],
      ["23:00-07:00", "2026-11-28T06:00:00.000Z"],
    ] as const
  ) assertEquals(at(text), expected, text);
  for (const text of ["24:00", "02:60", "2:37", "02:37:", "2026-02-30", "5x", ""]) {
    assertThrows(() => at(text), UsageError, `10:00 (UTC), not "${text}"`);
  }
});

Deno.test("a time lasts as long as it is exact", () => {
  const lasts = (text: string) => {
    const { fromMs, toMs } = spanOf("at", text, NOW);
    return [new Date(fromMs).toISOString(), toMs - fromMs];
  };
  assertEquals(lasts("02:37"), ["2026-11-29T02:37:00.000Z", 59_999]);
  assertEquals(lasts("02:37:10"), ["2026-11-29T02:37:10.000Z", 999]);
  assertEquals(lasts("02:37:10.5"), ["2026-11-29T02:37:10.500Z", 0]);
  assertEquals(lasts("2026-11-28"), ["2026-11-28T00:00:00.000Z", 86_399_999]);
  assertEquals(lasts("5m"), ["2026-11-29T05:25:00.000Z", 0]);
});
