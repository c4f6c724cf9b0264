import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { markOf } from "../../../src/output/messages/mark.ts";

const PLACE = { session: "8c1f0c1e-5d0c-4a6e-9d6c-0d2f6b9a7e11", from: 48, part: 0 };

Deno.test("a mark is that of one message and one secret", () => {
  const mark = markOf("a", PLACE);
  assertMatch(mark, /^[\w-]{22}$/);
  assertEquals(markOf("a", PLACE), mark);
  for (const other of [{ ...PLACE, from: 49 }, { ...PLACE, part: 1 }]) {
    assertNotEquals(markOf("a", other), mark);
  }
  assertNotEquals(markOf("b", PLACE), mark);
});
