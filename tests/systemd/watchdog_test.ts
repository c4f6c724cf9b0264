import { assertEquals } from "@std/assert";
import { Watchdog } from "../../src/systemd/watchdog.ts";

Deno.test("a watchdog sends a keep-alive at once, then twice within the timeout", () => {
  let fed = 0;
  const watchdog = new Watchdog(1000, () => fed++);
  const counts = [10, 400, 509, 510, 900, 1010, 5000, 5001].map((now) => {
    watchdog.ping(now);
    return fed;
  });
  assertEquals(counts, [1, 1, 1, 2, 2, 3, 4, 4]);
  assertEquals(watchdog.nextMs, 5500);
});

Deno.test("without a watchdog nothing is ever due", async () => {
  const watchdog = new Watchdog(undefined, () => {
    throw new Error("fed");
  });
  watchdog.ping(1e15);
  assertEquals(watchdog.nextMs, Infinity);
  assertEquals(await watchdog.during(Promise.resolve(7)), 7);
});

Deno.test("a watchdog sends keep-alives during a slow operation, and stops with it", async () => {
  let fed = 0;
  const enough = Promise.withResolvers<void>();
  const watchdog = new Watchdog(20, () => {
    if (++fed === 3) enough.resolve();
  });
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await watchdog.during(enough.promise);
  const before = fed;
  await sleep(50);
  assertEquals(fed, before);
});
