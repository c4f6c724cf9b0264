import { assertEquals } from "@std/assert";
import { type ActionPatterns, ACTIONS, ActionTable } from "../../src/packet/actions.ts";
import { packetOf } from "./sample.ts";
import { Packet } from "../../src/packet/packet.ts";

/** Looks a prefix up in the middle of a memory. */
function actionOf(table: ActionTable, prefix: string): string | undefined {
  const text = new TextEncoder().encode(prefix);
  const bytes = new Uint8Array(text.length + 9).fill(0x2a);
  bytes.set(text, 5);
  return ACTIONS[table.find({ bytes, prefixOffset: 5, prefixLength: text.length })];
}

Deno.test("A pattern is the whole prefix, with * for any text and ? for one character", () => {
  const cases: [pattern: string, prefix: string, matches: boolean][] = [
    ["DROP", "DROP", true],
    ["DROP", "DROP ", false],
    ["DROP", "drop", false],
    ["DROP*", "DROP", true],
    ["DROP*", "DROP: wan\n", true],
    ["*DROP", "in DROP", true],
    ["*DROP", "in DROP: ", false],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["a?c", "a☃c", true],
    ["a?c", "a😀c", true],
    ["*a*b*", "xxaxxbxx", true],
    ["*a*b*", "xxbxxaxx", false],
    ["**", "", true],
    ["?*", "", false],
    ["", "", true],
    ["", "x", false],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
  ];
  for (const [pattern, prefix, matches] of cases) {
    const found = actionOf(new ActionTable({ [pattern]: "drop" }), prefix);
    assertEquals(found, matches ? "drop" : undefined, `${pattern} and ${prefix}`);
  }
});

Deno.test("The most specific pattern counts, in whatever order they are", () => {
  const patterns: [string, "drop" | "reject" | "accept" | "log"][] = [
    ["*", "log"],
    ["wan*", "drop"],
    ["wan ssh*", "accept"],
    ["wan???", "reject"],
  ];
  for (const order of [patterns, patterns.toReversed()]) {
    const table = new ActionTable(Object.fromEntries(order) as ActionPatterns);
    const found = ["lan", "wan", "wan smtp", "wan ssh 22", "wan:in"];
    assertEquals(
      found.map((prefix) => actionOf(table, prefix)),
      ["log", "drop", "drop", "accept", "reject"],
    );
  }
});

Deno.test("Many stars and a long prefix take no time that grows with their power", () => {
  const table = new ActionTable({ [`${"*a".repeat(20)}b`]: "drop" });
  const before = performance.now();
  assertEquals(actionOf(table, "a".repeat(60_000)), undefined);
  assertEquals(performance.now() - before < 2000, true);
});

Deno.test("A thousand prefixes in turn have their own actions, first seen or seen again", () => {
  const table = new ActionTable({ "*0": "drop", "*1": "accept" });
  const of = ["drop", "accept"];
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 1000; n++) {
      assertEquals(actionOf(table, `prefix ${n}`), of[n % 10], `${n}`);
    }
  }
});

Deno.test("A packet has its rule's action; without a prefix it is that of the empty text", () => {
  const bytes = new TextEncoder().encode("ssh");
  const fields = { payloadLength: -1, prefixLength: 3 };
  const packet = packetOf(bytes, fields);
  assertEquals([packet.action, Object.hasOwn(packet.toJSON(), "action")], [undefined, false]);
  Packet.rawOf(packet).actions = new ActionTable({ "ss?": "reject", "*": "log" });
  assertEquals([packet.action, packet.toJSON().action], ["reject", "reject"]);
  const bare = packetOf(bytes, { ...fields, prefixLength: -1 });
  Packet.rawOf(bare).actions = new ActionTable({ "*": "log" });
  assertEquals(bare.action, "log");
});
