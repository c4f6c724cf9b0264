import { assert, assertEquals } from "@std/assert";
import { statsTable } from "../../src/cli/stats/table.ts";
import type { Counters } from "../../src/daemon/telemetry/ledger.ts";

function counters(count: number, name = "nflog:1"): Counters {
  return {
    sources: { [name]: { received: count, lost: 3, malformed: 0, foreign: 0 } },
    filter: { passed: count, dropped: 0, failed: 0, timedOut: 0 },
    outputs: {
      pcap: {
        written: count,
        bytes: 60 * count,
        failed: 0,
        dropped: 0,
        spooled: 2,
        filtered: 0,
        emitted: 0,
      },
    },
  };
}

Deno.test("Counters are a table, and rates stand beside the totals", () => {
  const before = { counters: counters(1_000_000), seconds: 2 };
  assertEquals(statsTable(counters(1_234_567), before), [
    "source                   received       lost  malformed    foreign per second",
    "nflog:1                 1,234,567          3          0          0    117,284",
    "",
    "filter                     passed    dropped     failed   timedOut per second",
    "                        1,234,567          0          0          0    117,284",
    "",
    "output                    written     failed    dropped    spooled per second",
    "pcap                    1,234,567          0          0          2    117,284",
    "pcap: bytes 74,074,020",
  ]);
  assertEquals(
    statsTable(counters(5))[0],
    "source                   received       lost  malformed    foreign",
  );
});

Deno.test("Long names, large numbers and control characters keep the table's shape", () => {
  const name = "\x1b[31ma name that is far too long";
  const before = { counters: counters(0, name), seconds: 1 };
  const lines = statsTable(counters(99_999_999_999, name), before);
  assert(lines.every((line) => line.length <= 80), lines.join("\n"));
  assertEquals(lines.join("").includes("\x1b"), false);
});

Deno.test("Columns never touch, however large their figures are", () => {
  const name = "a-name-that-fits-x";
  const { sources, ...others } = counters(Number.MAX_SAFE_INTEGER, name);
  const lost = Number.MAX_SAFE_INTEGER;
  const [, row] = statsTable({ ...others, sources: { [name]: { ...sources[name]!, lost } } });
  assertEquals(row, "a-name-that-fits-x          9.01P      9.01P          0          0");
});

Deno.test("Problems of sources stand below the table", () => {
  const lines = statsTable({
    ...counters(1),
    notes: ["source b stands by"],
    problems: ["source a: \x1b[2J"],
  });
  assertEquals(lines.slice(-3), ["", "source b stands by", "source a: \\u001b[2J"]);
});
