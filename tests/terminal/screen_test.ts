import { assertEquals } from "@std/assert";
import { Screen } from "../../src/terminal/screen.ts";
import { Recorder } from "./recorder.ts";

Deno.test("A block takes the place of the one before, however many lines either has", () => {
  const terminal = new Recorder();
  const screen = new Screen(terminal, () => ({ columns: 20, rows: 10 }));
  screen.print("$ nfscribe\n");
  screen.show(["one", "two", "three"]);
  screen.show(["1", "2"]);
  assertEquals(terminal.screen(20, 10), ["$ nfscribe", "1", "2", ""]);
  screen.show(["a", "b", "c", "d"]);
  assertEquals(terminal.screen(20, 10), ["$ nfscribe", "a", "b", "c", "d", ""]);
});

Deno.test("A block that is higher than the terminal is cut, so that it can be replaced", () => {
  const terminal = new Recorder();
  const screen = new Screen(terminal, () => ({ columns: 20, rows: 3 }));
  screen.show(["a", "b", "c", "d"]);
  screen.show(["e", "f", "g", "h"]);
  assertEquals(terminal.screen(20, 10), ["e", "f", ""]);
});

Deno.test("Lines that a narrower terminal has broken anew are all replaced", () => {
  const terminal = new Recorder();
  let columns = 40;
  const screen = new Screen(terminal, () => ({ columns, rows: 10 }));
  screen.show(["x".repeat(40), "y".repeat(21), "z"]);
  columns = 20;
  const before = terminal.text.length;
  screen.show(["narrow"]);
  // The first two take two lines each now.
  assertEquals(terminal.text.slice(before), "\r\x1b[5Fnarrow\x1b[K\n\x1b[J");
});

Deno.test("Below a block goes on what comes next, and the mark of Ctrl-C is erased", () => {
  const terminal = new Recorder();
  const screen = new Screen(terminal, () => ({ columns: 20, rows: 10 }));
  screen.show(["one"]);
  screen.print("^C");
  screen.leave();
  screen.show(["two"]);
  assertEquals(terminal.screen(20, 10), ["one", "two", ""]);
});

Deno.test("In a pipe blocks stand below each other, without a control character", () => {
  const pipe = new Recorder(false);
  const screen = new Screen(pipe);
  screen.show(["one", "two"]);
  screen.leave();
  screen.show(["three"]);
  assertEquals(pipe.text, "one\ntwo\n\nthree\n\n");
});
