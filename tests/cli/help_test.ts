import { assert, assertEquals } from "@std/assert";
import type { Command } from "../../src/cli/command.ts";
import { allCommands, allSections, commandNames } from "../../src/cli/commands.ts";
import { commandHelp, overview, SHORT_HELP } from "../../src/cli/help/help.ts";

const COMMAND: Command = {
  name: "copy",
  summary: "move packets",
  details: `More about it, in words that a line of eighty columns does not hold,
whatever the width of the text here.

  this  stays as it is`,
  operands: [
    { name: "ACTION", choices: { init: "make it", index: "search it" }, help: "what to do" },
    { name: "FILE", many: true, help: "files" },
  ],
  options: [
    { name: "config", short: "c", value: "FILE", help: "configuration file" },
    { name: "to", value: "FORM", choices: { iptables: "", ip6tables: "", nft: "" }, help: "form" },
    { name: "json", help: "for machines, which do not mind how long the lines are that they read" },
    { name: "a-name-that-is-far-too-long", help: "has its place below" },
  ],
  examples: [["nfscribe copy --pcap x", "to x"]],
  execute: () => Promise.resolve(0),
};

Deno.test("commandHelp() shows what the command does, its options in line, and examples", () => {
  assertEquals(
    commandHelp(COMMAND),
    `nfscribe copy: move packets

More about it, in words that a line of eighty columns does not hold, whatever
the width of the text here.

  this  stays as it is

Usage: nfscribe copy ACTION FILE… [OPTION…]
  ACTION             what to do
  FILE…              files

ACTION is one of:
  init   make it
  index  search it

Options:
  -c, --config FILE  configuration file
      --to FORM      form: iptables, ip6tables or nft
      --json         for machines, which do not mind how long the lines are that
                     they read
      --a-name-that-is-far-too-long
                     has its place below
  -h, --help         show this help

Examples:
  nfscribe copy --pcap x
      to x`,
  );
});

Deno.test("Every command's help fits into 80 columns, and the overview does", async () => {
  const texts = [
    SHORT_HELP,
    overview(await allSections()),
    ...(await allCommands()).map(commandHelp),
  ];
  const wide = texts.flatMap((text) => text.split("\n")).filter((line) => line.length > 80);
  assertEquals(wide, []);
});

Deno.test("Every command is there by its name, has examples of itself, and its words are plain", async () => {
  const commands = await allCommands();
  assertEquals(commands.map(({ name }) => name), commandNames);
  for (const { name, summary, examples, options, operands = [] } of commands) {
    assert(examples.length > 0, name);
    for (const [line] of examples) assert(line.includes(`nfscribe ${name}`), line);
    for (const text of [summary, ...options.map(({ help }) => help)]) {
      assert(/^[^A-Z].*[^.]$|^(NFLOG|TypeScript|JSON) /.test(text), `${name}: ${text}`);
    }
    // Shells get them as they are.
    for (const { choices = {} } of [...options, ...operands]) {
      for (const word of Object.keys(choices)) assert(/^[\w-]+$/.test(word), word);
    }
    const names = options.map(({ name }) => name);
    assertEquals(names, [...new Set(names)], name);
  }
});

Deno.test("The overview tells every command once", async () => {
  const text = overview(await allSections());
  for (const { name, summary } of await allCommands()) {
    assertEquals(text.match(new RegExp(`^ {2}${name} `, "gm"))?.length, 1, name);
    assert(text.replaceAll(/\s+/g, " ").includes(summary), summary);
  }
});
