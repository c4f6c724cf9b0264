import { assert, assertEquals } from "@std/assert";
import { Top } from "../../../src/cli/watch/top.ts";

Deno.test("Rates are exact over the first second, the largest first, then in the alphabet's order", () => {
  const top = new Top();
  for (let n = 0; n < 6; n++) top.add("b", 100);
  for (let n = 0; n < 3; n++) top.add(n === 0 ? "d" : "c", 50);
  top.add("a", 1);
  assertEquals(top.rates(1, 3), [
    ["b", { packets: 6, bytes: 600 }],
    ["c", { packets: 2, bytes: 100 }],
    ["a", { packets: 1, bytes: 1 }],
  ]);
});

Deno.test("A rate stays what it is while packets come as before, and fades when none come", () => {
  const top = new Top();
  for (let second = 0; second < 60; second++) {
    for (let n = 0; n < 50; n++) top.add("a", 10);
    const [, rate] = top.rates(1, 1)[0]!;
    assert(Math.abs(rate.packets - 50) < 1e-6 && Math.abs(rate.bytes - 500) < 1e-6);
  }
  let before = 50;
  for (let second = 0; second < 10; second++) {
    const [, { packets }] = top.rates(1, 1)[0]!;
    assert(packets < before);
    before = packets;
  }
  assert(before < 6, `${before}`);
  for (let second = 0; second < 60; second++) top.rates(1, 1);
  assertEquals(top.size, 0, "what is long past takes no memory");
});

Deno.test("Memory is bounded however many keys come, and those with many packets stay", () => {
  const top = new Top();
  for (let n = 0; n < 300_000; n++) {
    top.add(`spoofed ${n}`, 60);
    // Three of a thousand.
    if (n % 333 === 0) top.add("scanner", 40);
    if (n % 10 === 0) top.add("flood", 1000);
    assert(top.size <= 2000);
  }
  const [first, second] = top.rates(1, 10);
  assertEquals(first, ["flood", { packets: 30_000, bytes: 30_000_000 }]);
  assertEquals(second, ["scanner", { packets: 901, bytes: 36_040 }]);
});
