import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Command, helpText, parseOptions, UsageError } from "../../src/cli/command.ts";
import { runCommand } from "../../src/cli/run.ts";

const COMMAND: Command = {
  name: "copy",
  summary: "move packets",
  details: "More about it.",
  options: [
    { name: "config", short: "c", value: "FILE", help: "configuration file" },
    { name: "copy-range", value: "N", help: "bytes kept" },
    { name: "pcap", value: "FILE", help: "where they go" },
    { name: "json", help: "for machines" },
  ],
  examples: [["nfscribe copy --pcap x", "to x"]],
  execute: () => Promise.resolve(0),
};

const parse = (...args: string[]) => parseOptions(COMMAND, args);

/** The message of a command line that cannot be understood. */
function messageOf(...args: string[]): string {
  return assertThrows(() => parse(...args), UsageError).message;
}

Deno.test("parseOptions() of nothing is nothing", () => {
  assertEquals(parse(), {});
});

Deno.test("parseOptions() reads values behind a blank or an equals sign", () => {
  assertEquals(parse("--pcap", "a", "--copy-range=100"), { pcap: "a", "copy-range": "100" });
  assertEquals(parse("--pcap=a=b"), { pcap: "a=b" });
});

Deno.test("parseOptions() knows short forms", () => {
  assertEquals(parse("-c", "x.toml"), { config: "x.toml" });
  assertEquals(parse("-h"), { help: "" });
});

Deno.test("parseOptions() keeps a value that looks like a number as it was typed", () => {
  assertEquals(parse("--copy-range", "007"), { "copy-range": "007" });
  assertEquals(parse("--copy-range", "1e3"), { "copy-range": "1e3" });
});

Deno.test("parseOptions() takes a switch that was given for the empty text", () => {
  assertEquals(parse("--json"), { json: "" });
  assertEquals(parse("--json", "--pcap", "a"), { json: "", pcap: "a" });
});

Deno.test("parseOptions() takes a lone dash for a value", () => {
  assertEquals(parse("--pcap", "-"), { pcap: "-" });
  assertEquals(parse("--pcap=-"), { pcap: "-" });
  assertEquals(parse("--pcap", "-", "--json"), { pcap: "-", json: "" });
});

Deno.test("parseOptions() joins the values of an option that may be repeated, as lines", () => {
  const from = { name: "from", value: "RULE", many: true, help: "a rule" };
  const of = (...args: string[]) => parseOptions({ ...COMMAND, options: [from] }, args);
  assertEquals(of("--from", "a b", "--from=c"), { from: "a b\nc" });
  assertEquals(of("--from", "-A INPUT -j LOG"), { from: "-A INPUT -j LOG" });
  assertThrows(() => of("--from", "a", "--from", ""), UsageError, "--from lacks its value");
});

Deno.test("parseOptions() refuses a stray dash behind a value that is whole, or a switch", () => {
  assertEquals(messageOf("--pcap=a", "-"), 'Cannot use "-": copy takes options only');
  assertEquals(messageOf("--json", "-"), 'Cannot use "-": copy takes options only');
});

Deno.test("parseOptions() refuses an unknown option and names the one that was meant", () => {
  assertEquals(messageOf("--pcpa", "a"), 'There is no option --pcpa; did you mean "--pcap"?');
  assertEquals(
    messageOf("--zzzzzz"),
    'There is no option --zzzzzz; there is "--config", "--copy-range", "--pcap", "--json", "--help"',
  );
});

Deno.test("parseOptions() refuses an option without its value", () => {
  const message = "--pcap lacks its value: --pcap FILE";
  assertEquals(messageOf("--pcap"), message);
  assertEquals(messageOf("--pcap="), message);
  assertEquals(messageOf("--pcap", "--json"), message);
});

Deno.test("parseOptions() refuses an empty value, as of a shell's variable that is not set", () => {
  assertEquals(messageOf("--pcap", ""), "--pcap lacks its value: --pcap FILE");
});

Deno.test("parseOptions() refuses an option that is given twice", () => {
  assertEquals(messageOf("--pcap", "a", "--pcap", "b"), "--pcap is given 2 times; give it once");
});

Deno.test("parseOptions() refuses what is no option", () => {
  assertEquals(messageOf("a"), 'Cannot use "a": copy takes options only');
  assertEquals(messageOf("--json", "a"), 'Cannot use "a": copy takes options only');
});

Deno.test("parseOptions() refuses what is left over behind two dashes", () => {
  assertEquals(messageOf("--", "a"), 'Cannot use "a": copy takes options only');
});

Deno.test("helpText() shows what the command does, its options in line, and examples", () => {
  assertEquals(
    helpText(COMMAND),
    `nfscribe copy: move packets

More about it.

Usage: nfscribe copy [OPTION…]

Options:
  -c, --config FILE   configuration file
      --copy-range N  bytes kept
      --pcap FILE     where they go
      --json          for machines
  -h, --help          show this help

Examples:
  nfscribe copy --pcap x
      to x`,
  );
});

Deno.test("The help of `nfscribe run` fits into 80 columns and names each option", () => {
  const lines = helpText(runCommand).split("\n");
  assertEquals(lines.filter((line) => line.length > 80), []);
  for (const { name } of runCommand.options) {
    assert(lines.some((line) => line.includes(`--${name}`)), name);
  }
});
