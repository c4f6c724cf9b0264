import { assertEquals } from "@std/assert";
import { parse } from "@std/toml/parse";
import { checkConfig } from "../../src/config/config.ts";
import { canRun, ROOT } from "../system/process.ts";
import { Book } from "./book.ts";

const DOCUMENT = "docs/tuning.md";
const BOOK = await Book.read(DOCUMENT);

Deno.test(
  `${DOCUMENT}: its commands run, and the loss that it provokes is seen (needs root and nft)`,
  {
    ignore: !canRun("unshare", "--uts", "true") ||
      !canRun("unshare", "--net", "nft", "list", "ruleset"),
  },
  () => BOOK.walk(),
);

Deno.test(`${DOCUMENT}: each block of TOML is a whole configuration, written to a file`, () => {
  const blocks = BOOK.blocks.filter(({ language }) => language === "toml");
  assertEquals(blocks.map(({ file }) => file), ["small.toml"]);
  for (const { text, file } of blocks) checkConfig(parse(text), file!);
});

Deno.test(`${DOCUMENT}: the table's keys are keys of the configuration, with these defaults`, async () => {
  const text = await Deno.readTextFile(ROOT + DOCUMENT);
  const { sources: [source], outputs: [output], filter } = checkConfig({
    source: [{ type: "nflog", group: 1 }],
    filter: { script: "filter.ts" },
    output: { pcap: { path: "trace.pcap" } },
  }, DOCUMENT);
  const defaults = { ...source!.options, ...filter, ...output!.options };
  const sizes: Record<string, number> = { "8 MiB": 8 * 2 ** 20, "0, all": 0 };
  const rows = [...text.matchAll(/^\| `(\w+)` +\| (?:source|filter|output) +\| (.+?) +\|/gm)];
  assertEquals(rows.length, 7);
  for (const [, key, shown] of rows) {
    if (key === "when_behind") continue;
    const name = key!.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase());
    assertEquals([key, defaults[name as never]], [key, sizes[shown!] ?? Number(shown)]);
  }
});
