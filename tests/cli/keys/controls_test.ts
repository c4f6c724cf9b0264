import { assertEquals } from "@std/assert";
import { expression } from "../../../src/filter/expression/expression.ts";
import { bottom } from "../../../src/cli/keys/bottom.ts";
import { Controls } from "../../../src/cli/keys/controls.ts";
import { Trend } from "../../../src/terminal/trend.ts";

function controlsOf(where?: string): Controls {
  return new Controls({ where, check: expression, hasTop: true });
}

/** Presses keys, and returns the last action. */
function press(controls: Controls, ...keys: readonly string[]): string {
  return keys.map((key) => controls.press(key)).at(-1)!;
}

Deno.test("q quits from everywhere but help, which it leaves", () => {
  const controls = controlsOf();
  assertEquals([press(controls, "?"), controls.page], ["draw", "help"]);
  assertEquals([press(controls, "q"), controls.page], ["draw", undefined]);
  assertEquals(press(controls, "t", "q"), "quit");
  assertEquals(press(controlsOf(), "Q"), "quit");
});

Deno.test("p and space pause and go on, and pages come and go", () => {
  const controls = controlsOf();
  assertEquals([press(controls, "p"), controls.isPaused], ["pause", true]);
  assertEquals([press(controls, " "), controls.isPaused], ["pause", false]);
  press(controls, "t");
  assertEquals([controls.page, press(controls, "s"), controls.order], ["top", "draw", "start"]);
  press(controls, "h");
  assertEquals(controls.page, "help");
  press(controls, "Escape");
  assertEquals([controls.page, press(controls, "s"), press(controls, "x")], [
    undefined,
    "none",
    "none",
  ]);
});

Deno.test("An expression is typed after a slash, and chosen by Enter", () => {
  const controls = controlsOf();
  assertEquals(press(controls, "/", ..."tcp port 22", "Enter"), "filter");
  assertEquals([controls.where, controls.prompt], ["tcp port 22", undefined]);
  // The one before can be changed.
  assertEquals(press(controls, "/", "Backspace", "3", "Enter"), "filter");
  assertEquals(controls.where, "tcp port 23");
  assertEquals([press(controls, "/", "Ctrl-U", "Enter"), controls.where], ["filter", undefined]);
});

Deno.test("Keys are text while an expression is typed, and Escape keeps the one before", () => {
  const controls = controlsOf("udp");
  assertEquals(press(controls, "/", ..." and port 53 qp?t"), "draw");
  assertEquals(controls.prompt!.editor.text, "udp and port 53 qp?t");
  assertEquals([press(controls, "Escape"), controls.where, controls.isPaused], [
    "draw",
    "udp",
    false,
  ]);
});

Deno.test("A wrong expression stays to be changed, with its place, and the one before is kept", () => {
  const controls = controlsOf("udp");
  assertEquals(press(controls, "/", "Ctrl-U", ..."tcp prot 22", "Enter"), "draw");
  const { error } = controls.prompt!;
  assertEquals([error!.offset, error!.length, controls.where], [4, 4, "udp"]);
  press(controls, "Left");
  assertEquals(controls.prompt!.error, error);
  press(controls, "x");
  assertEquals(controls.prompt!.error, undefined, "an error is about the text as it was");
});

Deno.test("Up and Down bring earlier expressions back", () => {
  const controls = controlsOf("icmp");
  press(
    controls,
    "/",
    "Ctrl-U",
    ..."tcp",
    "Enter",
    "/",
    "Ctrl-U",
    ..."udp",
    "Enter",
    "/",
    "Ctrl-U",
  );
  const shown = (key: string) => {
    press(controls, key);
    return controls.prompt!.editor.text;
  };
  assertEquals(["Up", "Up", "Up", "Up"].map(shown), ["udp", "tcp", "icmp", "icmp"]);
  assertEquals(["Down", "Down", "Down", "Down"].map(shown), ["tcp", "udp", "", ""]);
});

Deno.test("An expression about destinations alone shows them, and no other page tells it", () => {
  const controls = new Controls({ check: expression, hasTop: true, filtersTop: true });
  for (const key of ["/", ..."udp port 10"]) press(controls, key);
  assertEquals([press(controls, "Enter"), controls.page, controls.where], [
    "filter",
    "top",
    "udp port 10",
  ]);
  const shown = () => {
    const state = { trend: new Trend(), passed: 0, omitted: 0, columns: 100, colored: false };
    return bottom({ controls, ...state }).lines.join().includes("udp port 10");
  };
  assertEquals(shown(), true);
  press(controls, "t");
  assertEquals(shown(), false);
});

Deno.test("A key that does nothing here says so, until the next one", () => {
  const controls = new Controls({ hasTop: false });
  assertEquals([press(controls, "t"), controls.page], ["draw", undefined]);
  assertEquals(controls.hint, "there are no destinations here: nfscribe watch --running has them");
  assertEquals(press(controls, "/"), "draw");
  assertEquals(controls.hint, "no expression can be chosen here: nfscribe watch takes one");
  press(controls, "p");
  assertEquals(controls.hint, undefined);
});
