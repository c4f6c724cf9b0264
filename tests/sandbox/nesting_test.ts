import { assertEquals, assertMatch } from "@std/assert";
import { nestingProblem } from "../../src/sandbox/nesting.ts";

Deno.test("Ordinary text of filters is accepted at any length", () => {
  const texts = [
    "",
    `export default (packet) => packet.tcp?.destinationPort === 22 ? "pcap" : undefined;\n`,
    // Each statement and each item resets the count.
    "a = b + c - d;\n".repeat(20_000),
    `const list = [${'"192.0.2.1", '.repeat(20_000)}];`,
    "if (a) { b(); }\n".repeat(5000),
    `const text = "${"(".repeat(5000)}";`,
    `/* ${"(".repeat(5000)} */ // ${"!".repeat(5000)}`,
    `const quote = /"/;\nconst other = (1 + 2);`,
    "(".repeat(250) + ")".repeat(250),
    `x = ${"!".repeat(999)}a;`,
  ];
  for (const text of texts) assertEquals(nestingProblem(text), undefined, text.slice(0, 50));
});

Deno.test("Text that overflows a parser's stack is rejected, with its line", () => {
  const cases: [text: string, message: RegExp][] = [
    ["\n\n" + "(".repeat(1000), /^line 3: more than 250 brackets are open/],
    ["[".repeat(100_000), /brackets/],
    ["{".repeat(100_000), /brackets/],
    [`x = ${"!".repeat(10_000)}a`, /^line 1: an expression has more than 1000 operators/],
    [`x = ${"1 + ".repeat(5000)}1`, /operators/],
    [`x = ${"a ? b : ".repeat(5000)}c`, /operators/],
    [`x = ${"new ".repeat(5000)}A`, /operators/],
    [`x = a${".b".repeat(5000)}`, /operators/],
    [`${"if (a) b(); else ".repeat(3)}c;`.repeat(1) + `${"if (a) ".repeat(2000)}b;`, /operators/],
    [`x = ${"a => ".repeat(2000)}b`, /operators/],
  ];
  for (const [text, message] of cases) assertMatch(nestingProblem(text) ?? "", message);
});
