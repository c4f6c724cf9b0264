import { assertEquals } from "@std/assert";
import { growthOf, sentenceOf } from "./verdict.ts";

const point = (count: number, work: number, cost: number) => ({ count, work, cost });

Deno.test("A cost that grows with its work, or less, does not grow too fast", () => {
  const same = [point(1, 1, 0.3), point(8, 1, 0.31), point(64, 1, 0.4)];
  assertEquals(growthOf(same).isTooFast, false);
  const linear = [point(1, 1, 0.3), point(10, 10, 3.2), point(100, 100, 31)];
  assertEquals(growthOf(linear).isTooFast, false);
});

Deno.test("A cost that creeps up from point to point is seen over all of them", () => {
  const creeping = [point(1, 1, 0.3), point(8, 1, 0.4), point(64, 1, 0.52)];
  const growth = growthOf(creeping);
  assertEquals([growth.from, growth.to, growth.isTooFast], [1, 64, true]);
  assertEquals(
    sentenceOf(growth),
    "GROWS FASTER than the work: from 1 to 64 the cost times 1.73, the work times 1.00",
  );
});

Deno.test("A cost that grows with the square of the work is too fast", () => {
  const square = [point(1, 1, 0.3), point(2, 2, 0.6), point(4, 4, 2.4)];
  assertEquals(growthOf(square).isTooFast, true);
});
