import { assertEquals } from "@std/assert";
import { escaped, jsonLine } from "../../src/text/escape.ts";

const STEERING = "\0\x07\x1b[2J\r\n\x7f\x85\x9b31m\u200e\u202e\u2066\u2028";
const WRITTEN = String
  .raw`\u0000\u0007\u001b[2J\u000d\u000a\u007f\u0085\u009b31m\u200e\u202e\u2066\u2028`;

Deno.test("Characters that control a terminal or text direction are escaped as in JSON", () => {
  assertEquals(escaped(STEERING), WRITTEN);
  assertEquals(escaped('plain "text" \\ größer 猫 🐈'), 'plain "text" \\ größer 猫 🐈');
});

Deno.test("JSON in one line has none of them, and the same value", () => {
  const value = { [STEERING]: [STEERING, 'a "quoted" \\ word'] };
  const line = jsonLine(value);
  assertEquals(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(line), false);
  assertEquals(JSON.parse(line), value);
});
