import { assertEquals, assertThrows } from "@std/assert";
import { type Command, parseOptions, UsageError } from "../../src/cli/command.ts";

const COMMAND: Command = {
  name: "copy",
  summary: "move packets",
  details: "More about it.",
  options: [
    { name: "config", short: "c", value: "FILE", help: "configuration file", like: /\.toml$/ },
    { name: "copy-range", value: "N", help: "bytes kept" },
    { name: "pcap", value: "FILE", help: "where they go", like: /\.pcap$/, letter: "w" },
    { name: "json", help: "for machines" },
  ],
  examples: [["nfscribe copy --pcap x", "to x"]],
  execute: () => Promise.resolve(0),
};

const parse = (...args: string[]) => parseOptions(COMMAND, args);

/** Returns the message of a command line that cannot be understood. */
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

Deno.test("parseOptions() leaves another command's words as they are", () => {
  const other = { name: "COMMAND", isCommand: true, help: "the command" };
  const of = (...args: string[]) => parseOptions({ ...COMMAND, operands: [other] }, args);
  assertEquals(of(), {});
  assertEquals(of("--json", "ls", "-l", "a\nb", "--", "--help"), {
    json: "",
    COMMAND: "ls\0-l\0a\nb\0--\0--help",
  });
  assertEquals(of("--", "-odd", "--json"), { COMMAND: "-odd\0--json" });
  assertEquals(of("--help", "ls"), { help: "" });
  assertThrows(() => of("--jsn", "ls"), UsageError, "--jsn");
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

Deno.test("parseOptions() passes over what else is wrong where help is asked for", () => {
  assertEquals(parse("--help", "a", "--pcap", ""), { help: "" });
});

/** A command with words to choose from. */
const CHOOSER: Command = {
  ...COMMAND,
  operands: [{ name: "ACTION", choices: { init: "make", index: "search" }, help: "what to do" }],
  options: [{ name: "to", value: "FORM", choices: { iptables: "", nft: "" }, help: "form" }],
};

Deno.test("parseOptions() takes one of the words to choose from, and names the one that was meant", () => {
  const of = (...args: string[]) => parseOptions(CHOOSER, args);
  const wrong = (...args: string[]) => assertThrows(() => of(...args), UsageError).message;
  assertEquals(of("init", "--to", "nft"), { ACTION: "init", to: "nft" });
  assertEquals(wrong("inti"), 'ACTION cannot be "inti"; did you mean "init"?');
  assertEquals(wrong("xyz"), 'ACTION cannot be "xyz"; there is "init", "index"');
  assertEquals(wrong(), "ACTION is missing: init or index");
  assertEquals(wrong("toString"), 'ACTION cannot be "toString"; there is "init", "index"');
  assertEquals(
    wrong("init", "--to", "ipables"),
    '--to cannot be "ipables"; did you mean "iptables"?',
  );
});

Deno.test("parseOptions() keeps an operand that looks like a number as it was typed", () => {
  const file = { ...COMMAND, operands: [{ name: "FILE", help: "a file" }] };
  assertEquals(parseOptions(file, ["007"]), { FILE: "007" });
});

Deno.test("parseOptions() takes a lone dash for the value of a short form, too", () => {
  assertEquals(parse("-c", "-"), { config: "-" });
});

Deno.test("parseOptions() names the option that a word belongs to by its look", () => {
  const cannot = (word: string) => `Cannot use "${word}": copy takes options only`;
  assertEquals(messageOf("trace.pcap"), `${cannot("trace.pcap")}; did you mean --pcap trace.pcap?`);
  assertEquals(messageOf("x.toml"), `${cannot("x.toml")}; did you mean -c x.toml?`);
  // There is no --group here.
  assertEquals(messageOf("1"), cannot("1"));
});

Deno.test("parseOptions() knows what people mean who know other programs", () => {
  assertEquals(messageOf("-w", "x"), 'There is no option -w; did you mean "--pcap"?');
  assertEquals(messageOf("-p"), 'There is no option -p; did you mean "--pcap"?');
  assertEquals(
    messageOf("--version"),
    "There is no option --version: nfscribe --version tells the version",
  );
  assertEquals(
    messageOf("-d"),
    "There is no option -d: it stays in the foreground, as service managers want it",
  );
});
