import { assertEquals } from "@std/assert";
import { byAction } from "../../src/web/server/by_action.ts";

Deno.test("Prefixes of one action are added up, and the rest stays the rest", () => {
  const chart = {
    stepMs: 1000,
    startMs: 0,
    isExact: true,
    isComplete: true,
    reachedMs: 0,
    keys: ["DROP in", "ACCEPT", "", "DROP out", "other"],
    packets: [[1, 2], [3, 0], [1, 1], [10, 20], [7, 7]],
    bytes: [[10, 20], [30, 0], [1, 1], [100, 200], [70, 70]],
  };
  const before = structuredClone(chart);
  assertEquals(byAction(chart, { "DROP*": "drop", "ACCEPT*": "accept", other: "reject" }), {
    ...chart,
    keys: ["drop", "accept", "", "other"],
    packets: [[11, 22], [3, 0], [1, 1], [7, 7]],
    bytes: [[110, 220], [30, 0], [1, 1], [70, 70]],
  });
  assertEquals(chart, before);
});
