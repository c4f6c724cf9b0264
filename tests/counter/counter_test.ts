import { assertEquals, assertThrows } from "@std/assert";
import { Ajv } from "ajv";
import { StaleCounterError } from "nfscribe";
import schema from "../../schema/counter.schema.json" with { type: "json" };
import { counterJsonSchema } from "../../scripts/json_schema.ts";
import { Memory } from "../../src/bytes/memory.ts";
import { Counter } from "../../src/counter/counter.ts";
import { RawCounter } from "../../src/counter/raw_counter.ts";
import { parseCounter } from "../../src/counter/structured_schema.ts";
import { WHOLE } from "../../src/netlink/accounting/marks.ts";
import { AccountingDecoder } from "../../src/source/accounting/decoder.ts";
import { account, mark, named } from "../source/accounting/sample.ts";
import { concat } from "../packet/sample.ts";
import { counterOf, decodeAll, observeCounter, SECONDS } from "./sample.ts";

/** Returns counters with all fields that there are. */
function samples(): Counter[] {
  const decoder = new AccountingDecoder();
  const at = (packets: number, reading: number) =>
    concat(
      account("web", { packets, bytes: packets * 40, reading, quota: 3, flags: 5 }),
      named("filter", "hits", { packets, bytes: packets * 40, reading }),
      mark(WHOLE, reading),
    );
  decodeAll(at(100, 1), decoder);
  return [
    ...decodeAll(at(103, 2), decoder, SECONDS + 10),
    ...decodeAll(at(1, 3), decoder, SECONDS + 20),
    counterOf(account("x", { packets: 1, bytes: 1 })),
    counterOf(account("x", { packets: 1, bytes: 1 }), new AccountingDecoder({ reset: true })),
  ];
}

Deno.test("A counter is one readable line", () => {
  assertEquals(samples().slice(0, 4).map(String), [
    "2026-11-28T07:52:44.980497Z web packets=3 bytes=120 interval=10 total=103/4120 " +
    "quota=3/packets/exceeded",
    "2026-11-28T07:52:44.980497Z inet filter hits packets=3 bytes=120 interval=10 total=103/4120",
    "2026-11-28T07:52:54.980497Z web packets=1 bytes=40 interval=10 total=1/40 restarted=yes " +
    "quota=3/packets/exceeded",
    "2026-11-28T07:52:54.980497Z inet filter hits packets=1 bytes=40 interval=10 total=1/40 " +
    "restarted=yes",
  ]);
});

Deno.test("A name that acts on a terminal, or looks like a field, is quoted and escaped", () => {
  const line = (name: string) => `${counterOf(account(name, { packets: 1, bytes: 1 }))}`;
  assertEquals(line("a b").split(" ").slice(1, 3), ['"a', 'b"']);
  assertEquals(line("x packets=9").includes('"x packets=9" '), true);
  assertEquals(line("\x1b[2J\u202e").includes('"\\u001b[2J\\u202e"'), true);
});

Deno.test("The published schema is the one that the check of forms makes", () => {
  assertEquals(schema, counterJsonSchema() as unknown as typeof schema);
});

Deno.test("The published schema holds for every form, which comes back from its text", () => {
  const validate = new Ajv({ strict: false }).compile(schema);
  for (const counter of samples()) {
    const form = counter.toJSON();
    assertEquals([validate(form), validate.errors], [true, null]);
    assertEquals(parseCounter(JSON.stringify(form)), form);
  }
  assertEquals(parseCounter('{"type":"counter"}'), undefined);
});

Deno.test("A copy stays as it is, and what was reused throws", () => {
  const datagram = concat(
    named("filter", "hits", { packets: 1, bytes: 2 }),
    account("web", { packets: 3, bytes: 4 }),
  );
  const memory = new Memory(datagram.buffer);
  const decoder = new AccountingDecoder();
  decoder.begin(memory, 0, datagram.length, SECONDS, 0);
  const raw = new RawCounter();
  decoder.next(raw);
  const first = new Counter(raw);
  const copy = first.copy();
  const before = observeCounter(first);
  assertEquals(observeCounter(copy), before);
  decoder.next(raw);
  memory.bytes.fill(0);
  assertEquals(observeCounter(copy), before);
  assertThrows(() => first.name, StaleCounterError, "counter.copy()");
});
