import { assertEquals } from "@std/assert";
import {
  checkTable,
  type Entries,
  omittable,
  oneOf,
  optional,
  suggestion,
  text,
  wholeNumber,
  yesOrNo,
} from "../src/schema.ts";

const ENTRIES: Entries = {
  size: wholeNumber(1, 100),
  delay: optional(wholeNumber(0, 1000, 10), 50),
  path: optional(text("a file's path"), "-"),
  level: optional(oneOf(["low", "high"]), "low"),
  sync: optional(yesOrNo(), true),
  name: omittable(text("a name")),
};

/** Returns the problems of a table, as `key: message`. */
function problemsOf(table: unknown, place = ""): string[] {
  return checkTable(ENTRIES, table, place).problems.map(({ key, message }) => `${key}: ${message}`);
}

Deno.test("checkTable() fills in what was left out, and leaves out what may be absent", () => {
  assertEquals(checkTable(ENTRIES, { size: 5 }, ""), {
    options: { size: 5, delay: 50, path: "-", level: "low", sync: true },
    problems: [],
  });
});

Deno.test("checkTable() keeps what was said", () => {
  const table = { size: 5, delay: 0, path: "x", level: "high", sync: false, name: "n" };
  assertEquals(checkTable(ENTRIES, table, ""), { options: table, problems: [] });
});

Deno.test("checkTable() says what would be right, and what it found", () => {
  assertEquals(problemsOf({ size: 101 }), ["size: must be a whole number from 1 to 100, not 101"]);
  assertEquals(problemsOf({ size: 0 }), ["size: must be a whole number from 1 to 100, not 0"]);
  assertEquals(problemsOf({ size: "5" }), [
    'size: must be a whole number from 1 to 100, not "5"',
  ]);
  assertEquals(problemsOf({ size: 5, delay: 15 }), [
    "delay: must be a multiple of 10 from 0 to 1000, not 15",
  ]);
  assertEquals(problemsOf({ size: 5, path: "" }), ['path: must be a file\'s path, not ""']);
  assertEquals(problemsOf({ size: 5, path: 1 }), ["path: must be a file's path, not 1"]);
  assertEquals(problemsOf({ size: 5, level: "mid" }), [
    'level: must be "low" or "high", not "mid"',
  ]);
  assertEquals(problemsOf({ size: 5, sync: "yes" }), ['sync: must be true or false, not "yes"']);
  assertEquals(problemsOf({ size: 5, name: "" }), ['name: must be a name, not ""']);
});

Deno.test("checkTable() names a problem once", () => {
  assertEquals(problemsOf({ size: 1.5 }), ["size: must be a whole number from 1 to 100, not 1.5"]);
});

Deno.test("checkTable() names numbers that JSON does not have", () => {
  assertEquals(problemsOf({ size: NaN }), ["size: must be a whole number from 1 to 100, not NaN"]);
  assertEquals(problemsOf({ size: 5, delay: Infinity }), [
    "delay: must be a multiple of 10 from 0 to 1000, not Infinity",
  ]);
});

Deno.test("checkTable() refuses a value that JSON cannot hold, without falling over it", () => {
  const [problem] = problemsOf({ size: 5n });
  assertEquals(problem?.startsWith("size: must be a whole number from 1 to 100"), true);
});

Deno.test("checkTable() says that an option is missing", () => {
  assertEquals(problemsOf({}), ["size: is missing"]);
});

Deno.test("checkTable() names the place in front of each key", () => {
  assertEquals(problemsOf({ sized: 1 }, "source[0]").toSorted(), [
    "source[0].size: is missing",
    'source[0].sized: unknown key; did you mean "size"?',
  ]);
});

Deno.test("checkTable() refuses what is no table", () => {
  for (const value of [5, "text", null, true]) {
    assertEquals(problemsOf(value, "log"), ["log: must be a table"]);
  }
});

Deno.test("checkTable() refuses a list in the place of a table", () => {
  assertEquals(problemsOf([], "log"), ["log: must be a table"]);
});

Deno.test("checkTable() names every unknown key", () => {
  assertEquals(problemsOf({ size: 5, delya: 1, pth: 2 }), [
    'delya: unknown key; did you mean "delay"?',
    'pth: unknown key; did you mean "path"?',
  ]);
});

Deno.test("checkTable() refuses an unknown key of any spelling", () => {
  for (const key of ['a"b', "a\\b", "a\nb", "", "toString", "constructor"]) {
    const { problems } = checkTable(ENTRIES, { size: 5, [key]: 1 }, "x");
    assertEquals(problems.length, 1, key);
    assertEquals(problems[0]?.message.startsWith("unknown key"), true, key);
  }
});

Deno.test("suggestion() names the word that was meant", () => {
  const known = ["group", "copy_range", "buffer_size", "queue_threshold", "queue_timeout_ms"];
  const meant = ["grup", "gorup", "copyrange", "copy-range", "buffersize", "queueTimeoutMs"];
  assertEquals(
    meant.map((word) => suggestion(word, known)),
    ["group", "group", "copy_range", "copy_range", "buffer_size", "queue_timeout_ms"]
      .map((word) => `; did you mean "${word}"?`),
  );
});

Deno.test("suggestion() names what there is where no word is near", () => {
  assertEquals(suggestion("zzz", ["source", "log"]), '; there is "source", "log"');
});

Deno.test("suggestion() says nothing where there is nothing to choose from", () => {
  assertEquals(suggestion("zzz", []), "");
});
