import { assertEquals } from "@std/assert";
import { refusedWords } from "../../scripts/word_rules.ts";

/** Returns the words without their lines. */
function words(text: string): string[] {
  return refusedWords(text).map(({ word }) => word);
}

Deno.test("refusedWords() finds doc comments that begin with a pronoun", () => {
  assertEquals(words("/** What a slot holds. */"), ["What"]);
  assertEquals(refusedWords("x\n/**\n * Told of failures.\n */"), [{ line: 3, word: "Told" }]);
  assertEquals(words("/** Returns what a slot holds. */\n/** Whether it is empty. */"), []);
});

Deno.test("refusedWords() finds functions whose doc comment begins with no verb", () => {
  assertEquals(words("/** Whether it is empty. */\nfunction isEmpty() {}"), ["Whether"]);
  assertEquals(words("/**\n * A page.\n */\nexport async function* page() {}"), ["A"]);
  assertEquals(words("/** Returns a page. */\nfunction page() {}"), []);
  assertEquals(words("/** The text. */\nlet text;\n/** Sets it. */\nfunction set() {}"), []);
});

Deno.test("refusedWords() finds words and phrases with their lines, also across a line break", () => {
  assertEquals(refusedWords('// Whoever reads it\nthrow new Error("somebody holds it");'), [
    { line: 1, word: "Whoever" },
    { line: 2, word: "somebody" },
  ]);
  assertEquals(words(" * the manager is\n   * told of it"), ["is told"]);
  assertEquals(words("// packets were let\n// go, with what is at hand"), ["let go", "at hand"]);
  assertEquals(words("// The manager told it to let gophers through at handover"), []);
});

Deno.test("refusedWords() accepts the user of the name nobody", () => {
  for (const text of ['user = "nobody"', "`nobody`", "the user nobody", "chown nobody:65534 x"]) {
    assertEquals(words(text), [], text);
  }
  assertEquals(words("// Nobody listens there"), ["Nobody"]);
});
