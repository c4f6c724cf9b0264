import { assertEquals } from "@std/assert";
import type { Part } from "../../src/config/config.ts";
import { CompletedParts } from "../../src/daemon/completed_parts.ts";

/** Returns outputs with options of their own, and how many of them have been completed. */
function parts() {
  let count = 0;
  const completed = new CompletedParts((part) => {
    count++;
    return { ...part, options: { ...part.options, hostname: "gate" } };
  });
  const output = (name: string): Part => ({ name, type: "json", options: { path: name } }) as Part;
  return { completed, output, count: () => count };
}

Deno.test("An output of an earlier configuration is not completed again", () => {
  const { completed, output, count } = parts();
  const [first] = completed.of([output("a"), output("b")]);
  assertEquals(first!.options, { path: "a", hostname: "gate" });
  completed.of([output("c")]);
  assertEquals(completed.of([output("a")])[0] === first, true);
  assertEquals(count(), 3);
});

Deno.test("However many configurations there are, a hundred outputs are kept, and all of the last one", () => {
  const { completed, output, count } = parts();
  const [always] = completed.of([output("always")]);
  const many = Array.from({ length: 300 }, (_, n) => output(`${n}`));
  for (const one of many) {
    assertEquals(completed.of([output("always"), one])[0] === always, true);
  }
  assertEquals(count(), 301);
  completed.of(many.slice(200));
  assertEquals(count(), 301);
  completed.of(many);
  assertEquals(count(), 500);
  completed.of(many);
  assertEquals(count(), 500);
});
