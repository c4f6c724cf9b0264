import { assertEquals, assertMatch } from "@std/assert";
import type { LogOptions } from "../../src/config/config.ts";
import { Log, type LogSink } from "../../src/log/log.ts";

/** Opens a log; returns it with the lines that it writes. */
function logTo(
  options: Partial<LogOptions> = {},
  sink: LogSink = {},
): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const all: LogOptions = { file: "-", level: "info", format: "text", ...options };
  return { log: new Log(all, (line) => void lines.push(line), sink), lines };
}

Deno.test("A text record has the program's name, the level if it is not info, and the fields", () => {
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

Deno.test("A list in a text record is separated by commas", () => {
  const { log, lines } = logTo();
  log.info("started", { sources: ["a", "b"], outputs: ["c"] });
  assertEquals(lines, ["nfscribe: started (sources a, b, outputs c)\n"]);
});

Deno.test("Counters are on lines of their own below the message", () => {
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

Deno.test("A JSON record is one object with time, level, message and fields", () => {
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
    log.debug("z");
    log.info("a");
    log.warn("b");
    log.error("c");
    return lines.length;
  };
  assertEquals(
    (["debug", "info", "warn", "error"] as const).map(countAt),
    [4, 3, 2, 1],
  );
});

Deno.test("A table of figures is on a line of its own, after its name", () => {
  const { log, lines } = logTo({});
  log.info("rates", { second: { packets: 5, bytes: 500 } });
  assertEquals(lines, ["nfscribe: rates\n  second: packets 5, bytes 500\n"]);
});

Deno.test("No text of a packet controls a terminal, or begins a line", () => {
  const { log, lines } = logTo();
  const evil = "\x1b]0;owned\x07\nnfscribe: error: forged\u202e";
  const written = String.raw`\u001b]0;owned\u0007\u000anfscribe: error: forged\u202e`;
  log.warn("seen", { prefix: evil, list: [evil], table: { [evil]: 1 } });
  assertEquals(lines, [
    `nfscribe: warn: seen (prefix ${written}, list ${written})\n  table: ${written} 1\n`,
  ]);
  log.error(`Cannot write: ${evil}`);
  assertEquals(lines[1]!.split("\n"), [
    String.raw`nfscribe: error: Cannot write: \u001b]0;owned\u0007`,
    String.raw`  nfscribe: error: forged\u202e`,
    "",
  ]);
});

Deno.test("JSON records have no control characters, including C1 and DEL", () => {
  const { log, lines } = logTo({ format: "json" });
  log.info("a\x9bb\x7f", { output: "\x1b[31m\u2066" });
  assertMatch(lines[0]!, /^[^\p{Cc}\p{Bidi_Control}]+\n$/u);
  assertEquals(JSON.parse(lines[0]!).output, "\x1b[31m\u2066");
});

Deno.test("Each line begins with its priority if the journal reads it", () => {
  const { log, lines } = logTo({ level: "debug" }, { priorities: true });
  log.debug("d");
  log.info("i", { rates: { packets: 5 } });
  log.warn("w\nx");
  log.error("e");
  assertEquals(lines, [
    "<7>nfscribe: debug: d\n",
    "<6>nfscribe: i\n<6>  rates: packets 5\n",
    "<4>nfscribe: warn: w\n<4>  x\n",
    "<3>nfscribe: error: e\n",
  ]);
  const json = logTo({ format: "json" }, { priorities: true });
  json.log.warn("w");
  assertMatch(json.lines[0]!, /^<4>\{"time":"[^\n]+\}\n$/);
});

Deno.test("A log that cannot be written does not end the process; missing records are reported afterwards", () => {
  const lines: string[] = [];
  let isFull = true;
  const log = new Log({ file: "/var/log/n", level: "info", format: "text" }, (line) => {
    if (isFull) throw new Error("No space left on device");
    lines.push(line);
  });
  log.info("one");
  log.info("two");
  isFull = false;
  log.info("three");
  log.info("four");
  assertEquals(lines, [
    "nfscribe: warn: Records of the log are missing here: No space left on device " +
    "(file /var/log/n, records 2)\n",
    "nfscribe: three\n",
    "nfscribe: four\n",
  ]);
});

Deno.test("A log whose file cannot be reopened keeps the former one, and warns", () => {
  const reopen = () => {
    throw new Error("Cannot open the log n.log: it is a folder");
  };
  const { log, lines } = logTo({}, { reopen });
  log.reopen();
  assertEquals(lines, [
    "nfscribe: warn: Cannot open the log n.log: it is a folder; the file before stays in use\n",
  ]);
});
