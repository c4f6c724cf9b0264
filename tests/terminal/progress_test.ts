import { assertEquals } from "@std/assert";
import { Progress, progressLine } from "../../src/terminal/progress.ts";
import { textWidth } from "../../src/terminal/width.ts";
import { Recorder } from "./recorder.ts";

Deno.test("A progress line has the share, a bar, the words and the time left", () => {
  const state = { label: "replay", done: 30, total: 120, words: "5 packets", seconds: 10 };
  assertEquals(
    progressLine(state, 80),
    "replay  25%  ███████░░░░░░░░░░░░░░░░░░░░░░░  5 packets  0:30 left",
  );
  assertEquals(progressLine(state, 50), "replay  25%  ███░░░░░░░░░░░░  5 packets  0:30 left");
  assertEquals(progressLine(state, 30), "replay  25%  5 packets  0:30 …", "no room for a bar");
});

Deno.test("A progress line without a total has the elapsed time", () => {
  const state = { label: "replay", done: 30, words: "5 packets", seconds: 3671 };
  assertEquals(progressLine(state, 80), "replay  5 packets  1:01:11");
});

Deno.test("A progress line has no time left if the speed is not constant", () => {
  const state = { label: "x", done: 30, total: 120, seconds: 10, isSteady: false };
  assertEquals(progressLine(state, 18), "x  25%  ██░░░░░░░░");
});

Deno.test("A progress line guesses no time left at the beginning, and never passes 100 %", () => {
  const line = (done: number, total: number) =>
    progressLine({ label: "x", done, total, seconds: 1 }, 24);
  assertEquals(line(0, 1000), "x   0%  ░░░░░░░░░░░░░░░░");
  assertEquals(line(1500, 1000), "x 100%  0:00 left");
  assertEquals(line(0, 0), "x 100%  0:00 left", "nothing to do is done");
});

Deno.test("No progress line is wider than the terminal", () => {
  for (let columns = 1; columns < 100; columns++) {
    const state = { label: "replay", done: 1e9, total: 1e10, words: "123,456 packets", seconds: 9 };
    assertEquals(textWidth(progressLine(state, columns)) <= columns, true);
  }
});

/** Returns a bar on a terminal whose clock a test sets. */
function bar(stream: Recorder) {
  const clock = { ms: 0 };
  const size = () => ({ columns: 60, rows: 24 });
  return {
    clock,
    progress: new Progress({ label: "x", total: 10, stream, size, now: () => clock.ms }),
  };
}

Deno.test("A progress line stays below the lines that are printed, and is gone at the end", () => {
  const terminal = new Recorder();
  const { clock, progress } = bar(terminal);
  progress.print("begun\n");
  clock.ms = 1000;
  progress.show(5, "half");
  progress.print("a warning\n");
  assertEquals(terminal.screen(60, 9), [
    "begun",
    "a warning",
    "x  50%  ███████████████░░░░░░░░░░░░░░░  half  0:01 left",
  ]);
  progress[Symbol.dispose]();
  progress.print("done\n");
  assertEquals(terminal.screen(60, 9), ["begun", "a warning", "done", ""]);
});

Deno.test("A progress line is drawn ten times a second at the most, and not for what is soon over", () => {
  const terminal = new Recorder();
  const { clock, progress } = bar(terminal);
  for (; clock.ms < 200; clock.ms++) progress.show(1);
  assertEquals(terminal.text, "");
  for (; clock.ms < 1200; clock.ms++) progress.show(1);
  assertEquals(terminal.text.split("\r").length - 1, 10);
});

Deno.test("Elsewhere than on a terminal only what is printed is there", () => {
  const pipe = new Recorder(false);
  const { clock, progress } = bar(pipe);
  clock.ms = 1000;
  progress.show(5);
  progress.print("a warning\n");
  progress[Symbol.dispose]();
  assertEquals(pipe.text, "a warning\n");
});
