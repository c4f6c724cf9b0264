import { assertEquals, assertLess } from "@std/assert";
import { DeliveryCounters } from "../../src/buffer/delivery_counters.ts";

Deno.test("Both ends of a log see the same numbers", () => {
  const writer = new DeliveryCounters();
  const reader = new DeliveryCounters(writer.shared);
  writer.add("records", 10);
  writer.set("end", 2 ** 40);
  for (const name of ["written", "refused", "lost"] as const) reader.add(name, 2);
  assertEquals([reader.get("end"), writer.waiting, reader.waiting], [2 ** 40, 4, 4]);
});

Deno.test("A reader that waits is woken, and one that was woken before does not wait", async () => {
  const counters = new DeliveryCounters();
  const seen = counters.wakeUps;
  setTimeout(() => counters.wakeReader(), 1);
  const start = performance.now();
  await Promise.all([counters.untilWoken(seen, 60_000), delay(20)]);
  await counters.untilWoken(seen, 60_000);
  assertLess(performance.now() - start, 30_000);
});

/** Keeps the event loop alive. */
function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
