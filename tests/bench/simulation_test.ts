import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { carried, lostOf, type Parts } from "./simulation.ts";

const PARTS: Parts = { privileged: 0.1, sandbox: 1, buffer: 30_000, slot: 1500 };

function assertNear(actual: number, expected: number, distance: number): void {
  assertLess(Math.abs(actual - expected), distance, `${actual} is not near ${expected}`);
}

Deno.test("A sandbox that is the limit carries what it has time for, and two carry twice that", () => {
  const [one, two] = [carried(PARTS, 1), carried(PARTS, 2)];
  // The buffer takes what is too much within the second, and slots wait for the next look.
  assertNear(one, 1e6, 60_000);
  assertNear(two, 2e6, 120_000);
});

Deno.test("More workers carry no more than the privileged process has time for", () => {
  const most = 1e6 / PARTS.privileged;
  assertLess(carried(PARTS, 64), most);
  assertLess(carried({ ...PARTS, sandbox: 0.001 }, 1), most);
});

Deno.test("What is lost for long is what is above the rate that is carried", () => {
  const lost = lostOf(PARTS, { rate: 2e6, workers: 1, seconds: 10 });
  assertNear(lost, 0.5, 0.02);
  assertEquals(lostOf(PARTS, { rate: 0.9e6, workers: 1, seconds: 10 }), 0);
});

Deno.test("A buffer that holds less than a pause loses packets at a low rate", () => {
  const small = { ...PARTS, buffer: 700 };
  assertGreater(lostOf(small, { rate: 100_000, workers: 1, seconds: 1 }), 0);
  assert(carried(small, 1) < carried(PARTS, 1) / 5);
});
