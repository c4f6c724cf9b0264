import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../src/cli/command.ts";
import { questionOf } from "../../../src/cli/db/query.ts";
import { durationOf, timeOf } from "../../../src/cli/db/times.ts";

const NOW = Date.UTC(2026, 0, 31, 12);

Deno.test("times are ages, or dates in UTC", () => {
  const at = (text: string) => new Date(timeOf("since", text, NOW)!).toISOString();
  assertEquals(at("90s"), "2026-01-31T11:58:30.000Z");
  assertEquals(at("1h"), "2026-01-31T11:00:00.000Z");
  assertEquals(at("2w"), "2026-01-17T12:00:00.000Z");
  assertEquals(at("2026-01-30"), "2026-01-30T00:00:00.000Z");
  assertEquals(at("2026-01-30T10:20"), "2026-01-30T10:20:00.000Z");
  assertEquals(at("2026-01-30 10:20:30.5"), "2026-01-30T10:20:30.500Z");
  assertEquals(at("2026-01-30T10:20+02:00"), "2026-01-30T08:20:00.000Z");
  assertEquals(timeOf("since", undefined, NOW), undefined);
  assertEquals(at("2028-02-29"), "2028-02-29T00:00:00.000Z");
  const wrong = ["", "1", "h", "-1h", "1y", "yesterday", "2026-13-01", "1969-12-31", "999999w"];
  const noDays = ["2026-11-31", "2026-02-30", "2026-02-29T10:00", "2026-00-10", "2026-01-31T24:00"];
  for (const text of [...wrong, ...noDays]) {
    assertThrows(() => timeOf("since", text, NOW), UsageError, "--since must be an age");
  }
});

Deno.test("durations are seconds, or have a unit", () => {
  assertEquals(["60", "5m", "1h"].map((text) => durationOf("timeout", text)), [
    60_000,
    300_000,
    3_600_000,
  ]);
  for (const text of ["0", "x", "25h", "1.5s"]) {
    assertThrows(() => durationOf("timeout", text), UsageError, "--timeout must be a time");
  }
});

Deno.test("a question has bounds that fit together", () => {
  const { where, limit, timeoutMs } = questionOf({ EXPR: "tcp\nport\n22" }, NOW);
  assertEquals([where, limit, timeoutMs], ["tcp port 22", 100, 60_000]);
  assertThrows(() => questionOf({ limit: "0" }, NOW), UsageError, "--limit must be");
  assertThrows(() => questionOf({ since: "1h", until: "2h" }, NOW), UsageError, "before --until");
});
