import { assertEquals } from "@std/assert";
import { Counter } from "../../../src/counter/counter.ts";
import { ABSENT } from "../../../src/packet/absent.ts";
import { Tally } from "../../../src/source/accounting/tally.ts";
import { counterOf } from "../../counter/sample.ts";
import { account } from "./sample.ts";

/** Takes a reading of objects with as many packets each; returns their differences. */
function read(tally: Tally, reading: number, names: readonly string[], packets: number): number[] {
  const counts = names.map((name) => {
    const counter = Counter.rawOf(counterOf(account(name, { packets, bytes: packets, reading })));
    tally.count(counter, reading * 1e6);
    return counter.packetCount;
  });
  tally.end(reading, reading * 1e6, true);
  return counts;
}

Deno.test("Objects for which a tally has no room are not counted from their beginning each time", () => {
  const tally = new Tally(2);
  assertEquals(read(tally, 1, ["a", "b", "c"], 7), [ABSENT, ABSENT, ABSENT]);
  assertEquals(read(tally, 2, ["a", "b", "c"], 8), [1, 1, ABSENT]);
  // Room that another leaves makes an object known from then on.
  assertEquals(read(tally, 3, ["a", "c"], 9), [1, ABSENT]);
  assertEquals(read(tally, 4, ["a", "c"], 9), [0, ABSENT]);
  assertEquals(read(tally, 5, ["a", "c"], 12), [3, 3]);
  assertEquals(read(tally, 6, ["a"], 12), [0]);
  assertEquals(read(tally, 7, ["a", "d"], 12), [0, 12]);
});
