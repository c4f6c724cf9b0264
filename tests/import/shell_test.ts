import { assertEquals, assertThrows } from "@std/assert";
import { commandsOf, scriptOf } from "../../src/import/shell.ts";
import { EXPANSION, inQuotes, quoted, runsCommand } from "../../src/import/words.ts";

/** Returns the words of each command. */
function words(script: string): string[][] {
  return commandsOf(script).map(({ words }) => words.map(({ text }) => text));
}

const CASES: readonly [what: string, script: string, words: string[][]][] = [
  ["nothing", " \n\t\n# comment", []],
  ["quotes of both kinds", `a 'b c' "d e"f 'it'\\''s'`, [["a", "b c", "d ef", "it's"]]],
  ["escapes in double quotes", `"a\\"b\\$c\\d"`, [['a"b$c\\d']]],
  ["a continued line", "a \\\n  b\\\nc", [["a", "bc"]]],
  ["what ends a command", "a;b&&c||d|e\nf &", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]],
  ["a comment, but not inside of a word", "a b#c # d\ne", [["a", "b#c"], ["e"]]],
  [
    "redirections, and what follows them",
    "a b >/dev/null 2>&1\nc 2>x d;e&>f g>>h 3<i j",
    [["a", "b"], ["c", "d"], ["e", "g", "j"]],
  ],
  [
    "here-documents, whatever they hold",
    "a <<E <<-'F' | b\nDon't (\nE\n\tyou're\n\tF\nc <<<d e",
    [["a"], ["b"], ["c", "e"]],
  ],
  ["quotes that begin with a dollar", `a $'it\\'s\\n' $"b"`, [["a", "it's\n", "b"]]],
  ["braces", "a ${b:-c; d} e", [["a", `${EXPANSION}{b:-c; d}`, "e"]]],
  ["arithmetic", "a $((1 + (2))) b", [["a", `${EXPANSION}((1 + (2)))`, "b"]]],
  ["arrays", "A=(b 'c d' # e\n f) g\nh", [["A=", "g"], ["h"]]],
  ["a literal dollar", "a '$b' $ 5$", [["a", "$b", "$", "5$"]]],
  ["variables", 'a $b "${c} d"', [["a", `${EXPANSION}b`, `${EXPANSION}{c} d`]]],
  [
    "lines of iptables-save, where $ and ' are plain",
    `*filter\n:INPUT ACCEPT [0:0]\n[1:2] -A INPUT -m x --y "a $b \\"q\\" it\\'s"\nCOMMIT`,
    [
      ["*filter"],
      [":INPUT", "ACCEPT", "[0:0]"],
      ["[1:2]", "-A", "INPUT", "-m", "x", "--y", `a $b "q" it's`],
      ["COMMIT"],
    ],
  ],
];

for (const [what, script, expected] of CASES) {
  Deno.test(`commandsOf() reads ${what}`, () => assertEquals(words(script), expected));
}

Deno.test("commandsOf() returns each command's line and each word as written", () => {
  const commands = commandsOf(`a\n\nb "c \\\nd" \\\n e\nf`);
  assertEquals(commands.map(({ line }) => line), [1, 3, 6]);
  assertEquals(commands[1]!.words.map(({ raw }) => raw), ["b", `"c \\\nd"`, "e"]);
});

Deno.test("commandsOf() names the line of a quote that is not closed", () => {
  assertThrows(() => commandsOf("a\nb 'c\nd"), SyntaxError, "line 2: the quote ' is not closed");
});

Deno.test("runsCommand() knows command substitution", () => {
  const found = commandsOf("a `b c` $(d e) \"$(f)\" '$(g)'")[0]!.words.map(runsCommand);
  assertEquals(found, [false, true, true, true, false]);
});

Deno.test("quoted() gives what a shell reads as the same text", () => {
  for (const text of ["", "a", "it's", 'a "b" $c `d` \\', "!", "x y", "*", `${EXPANSION}a "b`]) {
    for (const form of [quoted(text), inQuotes(text)]) assertEquals(words(form), [[text]], form);
  }
  assertEquals(quoted("10.0.0.0/8"), "10.0.0.0/8");
});

Deno.test("scriptOf() returns here-documents' lines, and expands unquoted ones", () => {
  const { commands } = scriptOf("a <<E <<'F' | b\n$x \\$y\nE\n$z\nF\nc <<<\"d $e\"", 11);
  assertEquals(commands.map(({ line }) => line), [11, 11, 16]);
  assertEquals(commands.map(({ documents }) => documents), [
    [{ line: 12, text: `${EXPANSION}x $y` }, { line: 14, text: "$z" }],
    [],
    [{ line: 16, text: `d ${EXPANSION}e` }],
  ]);
  assertEquals(commands.map(({ operator }) => operator), ["|", "\n", "\n"]);
});

Deno.test("scriptOf() keeps what stands before a quote that is not closed", () => {
  const { commands, unclosed } = scriptOf("a\nb 'c\nd");
  assertEquals(commands.map(({ words }) => words.length), [1]);
  assertEquals(unclosed, { line: 2, message: "the quote ' is not closed" });
});
