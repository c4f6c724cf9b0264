import { assertEquals } from "@std/assert";
import { KeyDecoder } from "../../src/terminal/keys.ts";

function keysOf(...reads: readonly (string | Uint8Array)[]): string[] {
  const decoder = new KeyDecoder();
  return reads.flatMap((read) =>
    decoder.decode(typeof read === "string" ? new TextEncoder().encode(read) : read)
  );
}

Deno.test("Characters are keys, those of several bytes and across reads, too", () => {
  const bytes = new TextEncoder().encode("é漢");
  assertEquals(keysOf("q/?", bytes.subarray(0, 1), bytes.subarray(1, 3), bytes.subarray(3)), [
    ..."q/?é漢",
  ]);
});

Deno.test("Control characters are keys by name", () => {
  assertEquals(keysOf("\r\n\t\x7f\b\x15\x17\x1b"), [
    ...["Enter", "Enter", "Tab", "Backspace", "Backspace", "Ctrl-U", "Ctrl-W", "Escape"],
  ]);
});

Deno.test("Sequences are keys, in the mode of applications and with modifiers, too", () => {
  const sequences = "\x1b[A\x1bOB\x1b[C\x1b[D\x1b[H\x1bOF\x1b[3~\x1b[1~\x1b[1;5D";
  const keys = ["Up", "Down", "Right", "Left", "Home", "End", "Delete", "Home", "Left"];
  assertEquals(keysOf(sequences), keys);
  assertEquals(keysOf("\x1b[", "1;", "5C", "x"), ["Right", "x"], "across reads");
});

Deno.test("Sequences without a key are left out, and what is no sequence is not lost", () => {
  assertEquals(keysOf("\x1b[24~\x1b[200~a\x1bOPb"), ["a", "b"]);
  assertEquals(keysOf("\x1bq"), ["Escape", "q"]);
  assertEquals(
    keysOf(`\x1b[${"1".repeat(40)}`)[0],
    "Escape",
    "a sequence without an end is bounded",
  );
});

Deno.test("Nothing that acts on a terminal, or reorders what it shows, is a character", () => {
  assertEquals(keysOf("a\x9b\u202eb\u2028\x00c"), [..."abc"]);
});
