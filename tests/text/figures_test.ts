import { assertEquals } from "@std/assert";
import { counted, grouped, sizeText } from "../../src/text/figures.ts";

Deno.test("grouped() puts commas between thousands", () => {
  assertEquals([0, 999, 1234567].map(grouped), ["0", "999", "1,234,567"]);
});

Deno.test("counted() writes one thing in the singular", () => {
  assertEquals([0, 1, 2].map((count) => counted(count, "rule")), ["0 rules", "1 rule", "2 rules"]);
});

Deno.test("sizeText() takes the largest unit that a size fills", () => {
  const mib = 1024 * 1024;
  assertEquals([0, 212_992, mib - 1, mib, 8 * mib, 1023.94 * mib].map(sizeText), [
    "0 KiB",
    "208 KiB",
    "1024 KiB",
    "1 MiB",
    "8 MiB",
    "1023.9 MiB",
  ]);
  assertEquals([1024 * mib, 12_670_153_523, 5e12].map(sizeText), [
    "1 GiB",
    "11.8 GiB",
    "4656.6 GiB",
  ]);
});
