import { assertEquals } from "@std/assert";
import type { Config } from "../../src/config/config.ts";
import { descriptorsOf, openFilesLimit } from "../../src/privileges/file_limit.ts";

Deno.test("The limit of open files is the soft one; without one there is none", () => {
  const lines = "Max processes             1000  2000   processes\n" +
    "Max open files            256                  4096                 files     \n";
  assertEquals(openFilesLimit(lines), 256);
  assertEquals(openFilesLimit(lines.replace("256 ", "unlimited ")), Infinity);
  assertEquals(openFilesLimit(""), Infinity);
});

Deno.test("Each source, output and sandbox needs descriptors", () => {
  const part = { name: "a", type: "pcap", options: {} };
  const config = (sources: number, outputs: number, workers?: number) => ({
    sources: Array(sources).fill(part),
    outputs: Array(outputs).fill(part),
    filter: workers === undefined ? undefined : { script: "f.ts", workers },
  } as unknown as Config);
  assertEquals(descriptorsOf(config(2, 1)) - descriptorsOf(config(1, 1)), 3);
  assertEquals(descriptorsOf(config(1, 3)) - descriptorsOf(config(1, 1)), 12);
  assertEquals(descriptorsOf(config(1, 1, 4)) - descriptorsOf(config(1, 1)), 33);
});
