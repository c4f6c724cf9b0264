import { assertEquals } from "@std/assert";
import { Clock } from "../../../src/output/delivery/clock.ts";
import { WaitingTime } from "../../../src/output/delivery/waiting_time.ts";

const HOUR_MS = 3_600_000;

Deno.test("Rows wait as long as the monotonic clock says, however the system's clock is set", () => {
  let [wallMs, elapsedMs] = [1e12, 100];
  const pass = (ms: number) => [wallMs, elapsedMs] = [wallMs + ms, elapsedMs + ms];
  const waiting = new WaitingTime(() => wallMs, () => elapsedMs);
  assertEquals(waiting.measure(undefined), undefined);
  const first = { session: "a", isLive: true, position: 48, timeMs: wallMs };
  pass(10);
  assertEquals(waiting.measure(first), 10);
  wallMs -= HOUR_MS;
  pass(20);
  assertEquals(waiting.measure(first), 30);
  // It was spooled before the clock was set.
  assertEquals(waiting.measure({ ...first, position: 100 }), 0);
  pass(5);
  wallMs += 2 * HOUR_MS;
  assertEquals(waiting.measure({ ...first, position: 200 }), 5, "no longer than the one before");
  assertEquals(waiting.measure(undefined), undefined);
  pass(7);
  assertEquals(waiting.measure({ ...first, position: 300 }), 7, "nothing waited before");
});

Deno.test("Rows of an earlier session are as old as they say", () => {
  const waiting = new WaitingTime(() => 1e12, () => 100);
  const old = { session: "a", isLive: false, position: 48, timeMs: 1e12 - HOUR_MS };
  assertEquals(waiting.measure(old), HOUR_MS);
  assertEquals(waiting.measure({ ...old, position: 100, timeMs: 1e12 + HOUR_MS }), 0);
});

Deno.test("A clock that is set is noticed, and its drift is not", () => {
  let [wallMs, elapsedMs] = [1e12, 0];
  const clock = new Clock(() => wallMs, () => elapsedMs);
  for (let second = 0; second < 600; second++) {
    wallMs += 1000.5;
    elapsedMs += 1000;
    const { jumpMs, isSteady } = clock.look();
    assertEquals([jumpMs, isSteady], [0, second === 599]);
  }
  wallMs -= HOUR_MS;
  assertEquals(clock.look(), { nowMs: wallMs, elapsedMs, jumpMs: -HOUR_MS, isSteady: false });
  assertEquals(clock.look().jumpMs, 0);
  for (const [ms, isSteady] of [[599_999, false], [1, true]] as const) {
    elapsedMs += ms;
    wallMs += ms;
    assertEquals(clock.look().isSteady, isSteady);
  }
});
