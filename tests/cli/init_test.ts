import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "@std/toml/parse";
import { askGroup, askOutputs } from "../../src/cli/init/questions.ts";
import { configText, denoText, filterText, testText } from "../../src/cli/init/texts.ts";
import { outputs } from "../../src/output/outputs.ts";
import { checkConfig } from "../../src/config/config.ts";

/** Answers in turn; an empty one takes the default. */
function answering(...answers: string[]): (question: string, byDefault: string) => string {
  return (_, byDefault) => answers.shift() || byDefault;
}

const PLACES = { pcap: "a.pcap", logemu: "a.log" };

Deno.test("Questions take the default for an empty line, and ask again until an answer fits", () => {
  assertEquals(askGroup(answering("")), "1");
  assertEquals(askGroup(answering("x", "65536", "-1", " 7 ")), "7");
  assertEquals(askOutputs(answering(""), PLACES), PLACES);
  assertEquals(askOutputs(answering("log", ",", "logemu"), PLACES), { logemu: "a.log" });
  assertEquals(askOutputs(answering("postgres, pcap", "postgres://u@h/d"), PLACES), {
    pcap: "a.pcap",
    postgres: "postgres://u@h/d",
  });
});

const OUTPUTS = { pcap: 'a "quoted".pcap', logemu: "b\\c.log", postgres: "postgres://u@h/d" };

Deno.test("The configuration says what was wished for, and every option in its comments is right", () => {
  const text = configText({ group: 7, copyRange: 100, outputs: OUTPUTS }, "file:///opt/nfscribe/");
  assertEquals(
    text.split("\n")[0],
    "#:schema file:///opt/nfscribe/schema/nfscribe.schema.json",
  );
  for (const line of text.split("\n").slice(1)) assert(line.length <= 80, line);
  const { sources, outputs } = checkConfig(parse(text), "nfscribe.toml");
  assertEquals([sources[0]!.name, sources[0]!.options.copyRange], ["nflog:7", 100]);
  assertEquals(outputs.map(({ options: { path, url } }) => path ?? url), Object.values(OUTPUTS));
  const uncommented = text.replaceAll(/^# (?=(\w+ = |\[[\w.]+\]))/gm, "");
  assert(uncommented.split("\n").filter((line) => /^\w+ = /.test(line)).length > 20, uncommented);
  checkConfig(parse(uncommented), "nfscribe.toml");
});

Deno.test("The filter says where a ping goes", () => {
  const text = (outputs: Parameters<typeof filterText>[0]["outputs"]) =>
    filterText({ group: 1, copyRange: 0, outputs });
  assertStringIncludes(text(PLACES), "as a ping, goes to logemu, not to pcap.\n");
  assertStringIncludes(text({ pcap: "a.pcap" }), "as a ping, goes to pcap.\n");
});

Deno.test("Filter and test name outputs that there are", () => {
  for (const name of Object.keys(outputs)) {
    const answers = { group: 1, copyRange: 0, outputs: { [name]: "x" } };
    const filter = filterText(answers);
    assertStringIncludes(filter, `return "${name}";`);
    for (const line of filter.split("\n")) assert(line.length <= 80, line);
    assertStringIncludes(testText(answers), `"${name}");`);
  }
});

Deno.test("The import map names nfscribe's sources, and its own imports for nfscribe alone", () => {
  const { imports, scopes } = JSON.parse(denoText("file:///opt/nfscribe/"));
  assertEquals(Object.keys(imports), [
    "nfscribe",
    "nfscribe/packet",
    "nfscribe/testing",
    "@std/assert",
  ]);
  assertEquals(imports.nfscribe, "file:///opt/nfscribe/mod.ts");
  assertMatch(scopes["file:///opt/nfscribe/"].valibot, /^npm:valibot@/);
  assertEquals(scopes["file:///opt/nfscribe/"].ajv, undefined);
});
