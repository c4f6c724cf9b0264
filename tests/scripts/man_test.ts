import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import commandPage from "../../packaging/man/nfscribe.1" with { type: "text" };
import configPage from "../../packaging/man/nfscribe.toml.5" with { type: "text" };
import { configJsonSchema } from "../../scripts/json_schema.ts";
import { dateOf, manPages } from "../../scripts/man.ts";
import { escaped, item, literal, paragraph } from "../../scripts/man/roff.ts";
import { optionsOf } from "../../src/cli/command.ts";
import { allCommands } from "../../src/cli/commands.ts";

Deno.test("The pages in packaging/man are those that deno task man writes", async () => {
  const pages = await manPages();
  const committed = { "nfscribe.1": commandPage, "nfscribe.toml.5": configPage };
  assertEquals(Object.keys(pages), Object.keys(committed));
  for (const [name, page] of Object.entries(committed)) {
    assert(page === pages[name]!(dateOf(page)!), `${name} is old: deno task man`);
  }
});

Deno.test("nfscribe(1) tells every command and every option of each", async () => {
  const parts = commandPage.split("\n.SS ");
  for (const command of await allCommands()) {
    const part = parts.find((part) => part.startsWith(`"nfscribe ${command.name} `));
    assert(part !== undefined, command.name);
    for (const { name } of optionsOf(command)) assertStringIncludes(part, escaped(`--${name}`));
  }
});

/** Names of all keys in a table of the JSON Schema, and in the tables in it. */
function keysOf(table: unknown): string[] {
  const { properties = {} } = table as { properties?: Record<string, unknown> };
  return Object.entries(properties).flatMap(([name, value]) => {
    const inner = keysOf(value);
    return inner.length > 0 ? inner : [name];
  });
}

Deno.test("nfscribe.toml(5) tells every key of the JSON Schema", () => {
  const keys = Object.values(configJsonSchema().definitions as object).flatMap(keysOf);
  assert(["group", "groups", "net", "rotate_size", "metrics"].every((key) => keys.includes(key)));
  const told = [...configPage.matchAll(/^\.TP\n\\fB(\w+)\\fR = /gm)].map(([, name]) => name);
  assertEquals(keys.filter((key) => !told.includes(key)), []);
});

Deno.test("Nothing in a text means anything to roff", () => {
  assertEquals(paragraph(".TH at the beginning"), [".PP", "\\&.TH at the beginning"]);
  assertEquals(paragraph("'quoted' and \\n"), [".PP", "\\(aqquoted\\(aq and \\en"]);
  assertEquals(paragraph("a `--flag` …"), [".PP", "a \\fB\\-\\-flag\\fR \\[u2026]"]);
  assertEquals(literal(".x\n  y"), [".PP", ".EX", "\\&.x", "  y", ".EE"]);
  assertEquals(item("`~/.x`", "one", "two"), [".TP", "\\fB\\(ti/.x\\fR", "one", ".IP", "two"]);
});

Deno.test("A long text stands on several lines, none of which begins with a request", () => {
  const words = "word ".repeat(15) + ".conf.d is long";
  assertEquals(paragraph(words), [".PP", "word ".repeat(15).trimEnd(), "\\&.conf.d is long"]);
  const [, , ...lines] = literal("x ".repeat(60).trimEnd()).slice(0, -1);
  assertEquals(lines.map((line) => line.replace(/\\$/, "")).join(""), "x ".repeat(60).trimEnd());
});
