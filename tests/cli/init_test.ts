import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "@std/toml/parse";
import { askOutputs, askSource } from "../../src/cli/init/questions.ts";
import {
  configText,
  denoText,
  type InitAnswers,
  type InitSource,
} from "../../src/cli/init/texts.ts";
import { filterText, testText } from "../../src/cli/init/script_texts.ts";
import { outputs } from "../../src/output/outputs.ts";
import { sources } from "../../src/source/sources.ts";
import { checkConfig } from "../../src/config/config.ts";

/** Answers in turn; an empty one takes the default. */
function answering(...answers: string[]): (question: string, byDefault: string) => string {
  return (_, byDefault) => answers.shift() || byDefault;
}

const NFLOG = sources.nflog as InitSource;

/** Answers that name group 7 and these outputs. */
function answers(values: Record<string, string>): InitAnswers {
  return {
    sources: [{ type: NFLOG, key: "group", value: 7 }],
    copyRange: 100,
    outputs: Object.entries(values).map(([name, value]) => ({ type: outputs[name]!, value })),
  };
}

Deno.test("Questions take the default for an empty line, and ask again until an answer fits", () => {
  assertEquals(askSource(answering(""), NFLOG, "5"), "5");
  assertEquals(askSource(answering("x", "65536", "-1", " 7 "), NFLOG, "1"), "7");
  const offered = answers({ pcap: "nfscribe.pcap", logemu: "nfscribe.log" }).outputs;
  const asked = (...words: string[]) =>
    askOutputs(answering(...words), offered).map(({ type, value }) => [type.type, value]);
  assertEquals(asked(""), [["pcap", "nfscribe.pcap"], ["logemu", "nfscribe.log"]]);
  assertEquals(asked("log", ",", "logemu"), [["logemu", "nfscribe.log"]]);
  assertEquals(asked("postgres, pcap", "postgres://u@h/d"), [
    ["pcap", "nfscribe.pcap"],
    ["postgres", "postgres://u@h/d"],
  ]);
});

const OUTPUTS = {
  pcap: 'a "quoted".pcap',
  logemu: "b\\c.log",
  json: "d.json",
  postgres: "postgres://u@h/d",
};

Deno.test("The configuration says what was wished for, and every option in its comments is right", () => {
  const text = configText(answers(OUTPUTS), "file:///opt/nfscribe/");
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
  const text = (values: Record<string, string>) => filterText(answers(values));
  const both = text({ pcap: "a.pcap", logemu: "a.log" });
  assertStringIncludes(both, "as a ping, goes to logemu, not to pcap.\n");
  assertStringIncludes(text({ pcap: "a.pcap" }), "as a ping, goes to pcap.\n");
});

Deno.test("Filter and test name outputs that there are", () => {
  for (const [name, { kinds }] of Object.entries(outputs)) {
    if (!kinds.includes("packet")) continue;
    const wishes = answers({ [name]: "x" });
    const filter = filterText(wishes);
    assertStringIncludes(filter, `return "${name}";`);
    for (const line of filter.split("\n")) assert(line.length <= 80, line);
    assertStringIncludes(testText(wishes), `"${name}");`);
  }
});

Deno.test("The import map names nfscribe's sources, and its own imports for nfscribe alone", () => {
  const { imports, scopes } = JSON.parse(denoText("file:///opt/nfscribe/"));
  assertEquals(Object.keys(imports), [
    "nfscribe",
    "nfscribe/logemu",
    "nfscribe/packet",
    "nfscribe/pcap",
    "nfscribe/testing",
    "@std/assert",
  ]);
  assertEquals(imports.nfscribe, "file:///opt/nfscribe/mod.ts");
  assertMatch(scopes["file:///opt/nfscribe/"].valibot, /^npm:valibot@/);
  assertEquals(scopes["file:///opt/nfscribe/"].ajv, undefined);
});
