import { assertEquals } from "@std/assert";
import { kindsOf, unacceptedKinds } from "../../src/config/kinds.ts";

const TYPES = {
  sources: { rule: { kind: "packet" }, table: { kind: "flow" } },
  outputs: {
    file: { kinds: ["packet"] },
    text: { kinds: ["packet", "flow"] },
    sum: { kinds: ["flow"] },
  },
};
const parts = (...types: string[]) => types.map((type) => ({ type }));

Deno.test("Each source needs an output that accepts its kind of record", () => {
  assertEquals(unacceptedKinds(parts("rule", "table"), parts("text"), TYPES), []);
  assertEquals(unacceptedKinds(parts("rule", "table"), parts("file", "sum"), TYPES), []);
  assertEquals(unacceptedKinds(parts("rule", "table"), parts("file"), TYPES), [{
    key: "source[1].type",
    message: 'makes records of kind flow, which no output accepts; add one of type "text" or "sum"',
  }]);
});

Deno.test("A source names only outputs that accept its kind of record", () => {
  const outputs = [{ name: "trace", type: "file" }, { name: "log", type: "text" }];
  const problems = (...names: string[]) =>
    unacceptedKinds([{ type: "table", outputs: names }], outputs, TYPES);
  assertEquals(problems("log"), []);
  assertEquals(problems("trace", "log"), [{
    key: "source[0].outputs",
    message: 'output "trace" of type "file" accepts no records of kind flow',
  }]);
});

Deno.test("The kinds that reach an output are those that it accepts of sources that send to it", () => {
  const log = { name: "log", type: "text" };
  const kinds = (...sources: Parameters<typeof kindsOf>[0]) => [...kindsOf(sources, log, TYPES)];
  assertEquals(kinds(...parts("rule", "table")), ["packet", "flow"]);
  assertEquals(kinds({ type: "rule", outputs: ["trace"] }, { type: "table" }), ["flow"]);
  assertEquals([...kindsOf(parts("rule"), { name: "sum", type: "sum" }, TYPES)], []);
});
