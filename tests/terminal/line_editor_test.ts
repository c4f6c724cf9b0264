import { assertEquals } from "@std/assert";
import { LineEditor } from "../../src/terminal/line_editor.ts";

function edited(text: string, ...keys: readonly string[]): [text: string, before: string] {
  const editor = new LineEditor(text);
  for (const key of keys) editor.press(key);
  return [editor.text, editor.before];
}

Deno.test("Characters are inserted at the cursor, which keys move", () => {
  assertEquals(edited("tcp 22", "Left", "Left", "p", "o", "r", "t", " "), [
    "tcp port 22",
    "tcp port ",
  ]);
  assertEquals(edited("cp", "Home", "t", "End", "!"), ["tcp!", "tcp!"]);
  assertEquals(edited("a", "Left", "Left", "Left", "Right", "Right", "Right"), ["a", "a"]);
});

Deno.test("Keys remove a character, a word, and what is on either side of the cursor", () => {
  assertEquals(edited("漢字", "Backspace"), ["漢", "漢"]);
  assertEquals(edited("ab", "Home", "Delete", "Backspace"), ["b", ""]);
  assertEquals(edited("tcp port 22 ", "Ctrl-W"), ["tcp port ", "tcp port "]);
  assertEquals(edited("abc", "Left", "Ctrl-U"), ["c", ""]);
  assertEquals(edited("abc", "Left", "Ctrl-K"), ["ab", "ab"]);
  assertEquals(edited("", "Ctrl-W", "Ctrl-U", "Ctrl-K", "Backspace", "Delete", "Up"), ["", ""]);
});

Deno.test("A key tells whether the text has changed, and a line is bounded", () => {
  const editor = new LineEditor("a");
  assertEquals([editor.press("Left"), editor.press("x"), editor.press("Tab")], [
    false,
    true,
    false,
  ]);
  const long = new LineEditor("x".repeat(4096));
  assertEquals([long.press("y"), long.text.length], [false, 4096]);
});
