import { assertEquals, assertThrows } from "@std/assert";
import { Parameters } from "../../src/web/server/question.ts";
import { RequestError } from "../../src/web/server/request_error.ts";

const KNOWN = ["kind", "where", "from", "to", "limit", "by", "step", "timeout"];

function parameters(query: string): Parameters {
  return new Parameters(new URLSearchParams(query), KNOWN);
}

Deno.test("A question is read from the address", () => {
  const asked = parameters("kind=flow&where=tcp port 22&from=1000&to=2000&limit=5&by=source,host");
  assertEquals(asked.choice(), {
    kind: "flow",
    where: "tcp port 22",
    span: { fromMs: 1000, toMs: 2000 },
  });
  assertEquals(asked.number("limit", 1, 10, 3), 5);
  assertEquals(asked.topKeys(), ["source", "host"]);
  assertEquals(parameters("").choice().kind, "packet");
  assertEquals(parameters("where=%20").where(), undefined);
  const stored = { fromMs: 5, toMs: 9 };
  assertEquals(parameters("from=7").span(stored), { fromMs: 7, toMs: 9 });
  assertEquals(parameters("from=7").hasSpan, false);
});

Deno.test("What is wrong in an address is named", () => {
  const cases: [query: string, ask: (asked: Parameters) => unknown, message: string][] = [
    ["form=1", () => {}, "form: unknown; there is kind, where, from, to, limit, by, step, timeout"],
    ["kind=flow&kind=packet", () => {}, "kind: given twice"],
    ["kind=counter", (asked) => asked.kind(), "kind: must be packet or flow"],
    [
      "limit=1e3",
      (asked) => asked.number("limit", 1, 10, 1),
      "limit: must be a whole number from 1 to 10",
    ],
    [
      "limit=11",
      (asked) => asked.number("limit", 1, 10, 1),
      "limit: must be a whole number from 1 to 10",
    ],
    ["from=2&to=1", (asked) => asked.span(), "from: must be before to"],
    [`where=${"a".repeat(9000)}`, (asked) => asked.where(), "where: may have 8192 characters"],
    [
      "from=0&to=2000001&step=1000",
      (asked) => asked.stepMs(asked.span()),
      "step: must be at least 1001, for 2000 buckets",
    ],
    [
      "timeout=60001",
      (asked) => asked.budgetMs(),
      "timeout: must be a whole number from 1 to 60000",
    ],
  ];
  for (const [query, ask, message] of cases) {
    const error = assertThrows(() => ask(parameters(query)), RequestError, message);
    assertEquals(error.status, 400);
  }
});
