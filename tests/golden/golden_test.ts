import { assert, assertEquals, assertThrows } from "@std/assert";
import { DIALECTS, lineOf, parseGolden, renderGolden } from "./golden.ts";
import json from "./json.golden" with { type: "text" };
import { renderJson } from "./json.ts";
import text from "./logemu.golden" with { type: "text" };

const { intro, cases } = parseGolden(text);

for (const dialect of DIALECTS) {
  Deno.test(`The golden lines of ${dialect} are what the encoder gives`, () => {
    const wrong = cases.flatMap(({ title, packet, expected }) => {
      const golden = expected.get(dialect);
      const line = lineOf(packet, dialect);
      return line === golden ? [] : [`${title}\n  golden  ${golden}\n  encoder ${line}`];
    });
    const message = `${wrong.join("\n")}\nIf the encoder is right, run deno task golden.\n`;
    assert(wrong.length === 0, message);
  });
}

Deno.test("The golden file is as it would be written anew", () => {
  assertEquals(renderGolden({ intro, cases }), text);
});

Deno.test("The golden lines of JSON are what the encoder gives", () => {
  const [golden, encoder] = [json, renderJson(cases)].map((file) => file.split("\n"));
  const wrong = encoder!.findIndex((line, at) => line !== golden![at]);
  const message = `line ${wrong + 1}\n  golden  ${golden![wrong]}\n  encoder ${encoder![wrong]}`;
  assert(wrong < 0, `${message}\nIf the encoder is right, run deno task golden.\n`);
  assertEquals(golden!.length, encoder!.length);
});

Deno.test("Every golden case has a title of its own", () => {
  const titles = cases.map(({ title }) => title);
  assertEquals(titles.filter((title, i) => titles.indexOf(title) !== i), []);
});

Deno.test("An unknown word in the golden file is an error", () => {
  const block = "# Title\nfamily=2 marc=1\n45 # cut";
  assertThrows(() => parseGolden(`## intro\n\n${block}\n`), Error, "marc is not known");
});
