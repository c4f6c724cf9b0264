import { assertEquals } from "@std/assert";
import { Trend } from "../../src/terminal/trend.ts";

Deno.test("A trend has a bar a second, the newest at the right, the highest one full", () => {
  const trend = new Trend();
  assertEquals([trend.bars(4), trend.last], ["    ", 0]);
  for (const count of [1, 0, 4, 8]) {
    trend.add(count);
    trend.tick(1);
  }
  assertEquals([trend.bars(5), trend.last], [" ▁ ▄█", 8]);
  assertEquals([trend.bars(2), trend.bars(0)], ["▄█", ""]);
});

Deno.test("A second that was longer has a lower rate, and old ones are forgotten", () => {
  const trend = new Trend(2);
  trend.add(1000);
  trend.tick(1);
  trend.add(3);
  trend.add(1);
  trend.tick(2);
  assertEquals(trend.last, 2);
  trend.tick(1);
  assertEquals(trend.bars(3), " █ ");
});
