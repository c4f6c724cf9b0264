import { assertEquals, assertThrows } from "@std/assert";
import { commandsOf, EXPANSION, inQuotes, quoted, runsCommand } from "../../src/migrate/shell.ts";

/** The words of each command. */
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
  ["redirections", "a b >/dev/null 2>&1\nc 2>x d;e", [["a", "b"], ["c"], ["e"]]],
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

Deno.test("commandsOf() tells each command's line and each word as it was written", () => {
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
