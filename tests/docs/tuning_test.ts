import { assertEquals } from "@std/assert";
import { checkConfig } from "../../src/config/config.ts";
import { ROOT } from "../system/process.ts";

const DOCUMENT = "docs/tuning.md";

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
