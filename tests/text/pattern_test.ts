import { assertEquals } from "@std/assert";
import { parsePattern } from "../../src/filter/expression/pattern.ts";
import { encodePattern, matchesPattern } from "../../src/text/pattern.ts";

/** Returns whether a pattern matches a text that stands between other bytes. */
function matches(pattern: string, text: string): boolean {
  const bytes = new TextEncoder().encode(`*${text}?`);
  return matchesPattern(encodePattern(parsePattern(pattern)), bytes, 1, bytes.length - 1);
}

Deno.test("* and ? stand for whole characters", () => {
  const cases: readonly [pattern: string, text: string, isMatched: boolean][] = [
    ["*?x", "\u2603x", true],
    ["*??xy", "\u2603xy", false],
    ["*??xy", "a\u2603xy", true],
    ["*????y", "\u{1f600}xy", false],
    ["*\u00e9*", "a\u00e9\u2603", true],
    ["?*?", "\u2603", false],
    ["?*?", "\u2603\u2603", true],
  ];
  for (const [pattern, text, isMatched] of cases) {
    assertEquals(matches(pattern, text), isMatched, `${pattern} ${text}`);
  }
});
