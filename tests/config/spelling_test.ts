import { assertEquals } from "@std/assert";
import { camelCaseKeys, snakeCaseEntries } from "../../src/config/spelling.ts";
import { camelCase, snakeCase } from "../../src/text/spelling.ts";
import { yesOrNo } from "../../src/schema.ts";

const SPELLINGS = [
  ["group", "group"],
  ["copyRange", "copy_range"],
  ["queueTimeoutMs", "queue_timeout_ms"],
] as const;

Deno.test("snakeCase() and camelCase() are each other's opposite", () => {
  for (const [camel, snake] of SPELLINGS) {
    assertEquals([snakeCase(camel), camelCase(snake)], [snake, camel]);
  }
});

Deno.test("snakeCaseEntries() renames options and keeps what they may hold", () => {
  const schema = yesOrNo();
  const renamed = snakeCaseEntries({ copyRange: schema, group: schema });
  assertEquals(Object.keys(renamed), ["copy_range", "group"]);
  assertEquals(renamed.copy_range === schema, true);
});

Deno.test("camelCaseKeys() renames keys and keeps their values", () => {
  assertEquals(camelCaseKeys({ copy_range: 1, group: [2] }), { copyRange: 1, group: [2] });
});
