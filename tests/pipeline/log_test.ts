import { assertEquals, assertMatch } from "@std/assert";
import type { LogOptions } from "../../src/config/config.ts";
import { Log } from "../../src/pipeline/log.ts";

/** A log and the lines that it writes. */
function logTo(options: Partial<LogOptions> = {}): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const all: LogOptions = { file: "-", level: "info", format: "text", ...options };
  return { log: new Log(all, (line) => void lines.push(line)), lines };
}

Deno.test("A line for people names the program, the level where it matters, and what belongs to it", () => {
  const { log, lines } = logTo();
  log.info("started");
  log.warn("the buffer is small", { source: "nflog:1", bytes: 4096 });
  log.error("it is over");
  assertEquals(lines, [
    "nfscribe: started\n",
    "nfscribe: warn: the buffer is small (source nflog:1, bytes 4096)\n",
    "nfscribe: error: it is over\n",
  ]);
});

Deno.test("A list in a line for people is its words", () => {
  const { log, lines } = logTo();
  log.info("started", { sources: ["a", "b"], outputs: ["c"] });
  assertEquals(lines, ["nfscribe: started (sources a, b, outputs c)\n"]);
});

Deno.test("Counters are lines of their own below the message", () => {
  const { log, lines } = logTo();
  log.info("stopped", {
    counters: {
      sources: { "nflog:1": { received: 5, lost: 2 } },
      filter: { passed: 5, dropped: 0 },
      outputs: { pcap: { written: 4 }, web: { written: 1 } },
    },
  });
  assertEquals(lines, [
    [
      "nfscribe: stopped",
      "  sources nflog:1: received 5, lost 2",
      "  filter: passed 5, dropped 0",
      "  outputs pcap: written 4",
      "  outputs web: written 1\n",
    ].join("\n"),
  ]);
});

Deno.test("A line for machines is one JSON object with time, level, message and fields", () => {
  const { log, lines } = logTo({ format: "json" });
  log.warn("two\nlines", { source: "nflog:1", counters: { lost: 2 } });
  assertEquals(lines.length, 1);
  assertMatch(lines[0]!, /^[^\n]+\n$/);
  const { time, ...rest } = JSON.parse(lines[0]!);
  assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals(rest, {
    level: "warn",
    message: "two\nlines",
    source: "nflog:1",
    counters: { lost: 2 },
  });
});

Deno.test("Records below the configured level are not written", () => {
  const countAt = (level: LogOptions["level"]) => {
    const { log, lines } = logTo({ level });
    log.info("a");
    log.warn("b");
    log.error("c");
    return lines.length;
  };
  assertEquals(
    (["debug", "info", "warn", "error"] as const).map(countAt),
    [3, 3, 2, 1],
  );
});

Deno.test("A table of figures stands on a line of its own, under its name", () => {
  const { log, lines } = logTo({});
  log.info("rates", { second: { packets: 5, bytes: 500 } });
  assertEquals(lines, ["nfscribe: rates\n  second: packets 5, bytes 500\n"]);
});
