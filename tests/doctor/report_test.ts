import { assertEquals } from "@std/assert";
import { findingLines, isWell, summaryLine } from "../../src/doctor/report.ts";
import { fix, note, ok, skipped } from "../../src/finding.ts";

const PLAIN = { columns: 80, colored: false };

Deno.test("findingLines() wraps text beside its column, and breaks no command", () => {
  const command = `nfscribe rules -c /a/${"very/".repeat(20)}long.toml`;
  const lines = findingLines(
    fix("rules nflog:1", "no rule logs to group 1; ".repeat(3).trim(), "add one", [command]),
    PLAIN,
  );
  assertEquals(lines, [
    "FIX   rules nflog:1      no rule logs to group 1; no rule logs to group 1; no",
    "                         rule logs to group 1;",
    "                         fix: add one",
    `      $ ${command}`,
  ]);
});

Deno.test("findingLines() calls advice that need not be followed a hint", () => {
  assertEquals(findingLines(note("buffer", "small", "raise it"), PLAIN), [
    "note  buffer             small",
    "                         hint: raise it",
  ]);
});

Deno.test("findingLines() cuts long names in the middle and escapes what steers a terminal", () => {
  assertEquals(findingLines(ok("group firewall-of-the-building", "a\x1b[2J"), PLAIN), [
    "ok    group fir…building a\\u001b[2J",
  ]);
});

Deno.test("findingLines() paints the state alone, where colours are wanted", () => {
  const [line] = findingLines(ok("kernel", "has NFLOG"), { columns: 80, colored: true });
  assertEquals(line, "\x1b[32mok    \x1b[0mkernel             has NFLOG");
});

Deno.test("Only what is to fix, or could not be looked at, is not well", () => {
  const all = [ok("a", "b"), note("c", "d")];
  assertEquals([isWell(all), summaryLine(all)], [true, "All is well."]);
  const idle = [...all, { ...note("e", "f"), summary: "no packet came" }];
  assertEquals([isWell(idle), summaryLine(idle)], [true, "All is well; no packet came."]);
  const doubtful = [...all, { ...note("e", "f"), doubt: "g was forgotten" }];
  assertEquals([isWell(doubtful), summaryLine(doubtful)], [
    true,
    "Nothing to fix, unless g was forgotten.",
  ]);
  const unseen = [...all, skipped("e", "f")];
  assertEquals([isWell(unseen), summaryLine(unseen)], [
    false,
    "Nothing to fix in what could be looked at.",
  ]);
  const broken = [...unseen, fix("g", "h", "i"), fix("j", "k", "l")];
  assertEquals([isWell(broken), summaryLine(broken)], [false, "2 things to fix."]);
});
