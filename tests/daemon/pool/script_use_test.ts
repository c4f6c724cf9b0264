import { assert, assertEquals } from "@std/assert";
import { Progress } from "../../../src/daemon/pool/progress.ts";
import { Restarts } from "../../../src/daemon/pool/restarts.ts";
import { ScriptUse } from "../../../src/daemon/pool/script_use.ts";
import { newInFlight } from "../../../src/daemon/pool/in_flight.ts";
import type { Sandbox } from "../../../src/daemon/pool/sandbox.ts";
import { Kind, Slot, State } from "../../../src/sandbox/slot.ts";

Deno.test("a script is bypassed after three failures in a row, and after one once it was retried", () => {
  const use = new ScriptUse(true, false);
  for (const mustBypass of [false, false]) {
    use.fail();
    assertEquals(use.mustBypass, mustBypass);
  }
  use.succeed();
  use.fail();
  assertEquals([use.failuresInRow, use.mustBypass], [1, false]);
  use.fail();
  use.fail();
  assert(use.mustBypass);
  const before = performance.now();
  assertEquals(use.bypass(), 10);
  assert(use.retryAtMs >= before + 10_000);
  assertEquals([use.isUsed, use.isBypassed, use.takeRetried()], [false, true, false]);
  use.retry();
  assertEquals([use.isUsed, use.retryAtMs], [true, Infinity]);
  assertEquals([use.takeRetried(), use.takeRetried()], [true, false]);
  use.fail();
  assert(use.mustBypass);
});

Deno.test("while decisions are traced a script may fail nineteen times; during a stop not once", () => {
  const use = new ScriptUse(true, true);
  for (let failures = 0; failures < 19; failures++) use.fail();
  assert(!use.mustBypass);
  use.expedite();
  assert(use.mustBypass);
  const expedited = new ScriptUse(true, true);
  expedited.expedite();
  assert(!expedited.mustBypass);
  expedited.fail();
  assert(expedited.mustBypass);
});

Deno.test("a sandbox without a script does not bypass one", () => {
  const use = new ScriptUse(false, false);
  assertEquals([use.isUsed, use.isBypassed, use.retryAtMs], [false, false, Infinity]);
});

Deno.test("delays of restarts double, up to a second", () => {
  const restarts = new Restarts();
  restarts.noteEnd();
  const waits = Array.from({ length: 7 }, () => {
    assertEquals(restarts.postpone(), false);
    return Math.round((restarts.atMs - performance.now()) / 10) * 10;
  });
  assertEquals(waits, [50, 100, 200, 400, 800, 1000, 1000]);
  assert(!restarts.isFirst);
  restarts.succeed();
  assert(restarts.isFirst);
});

Deno.test("progress is measured from the first check of a slot, and not while it waits for its outputs", () => {
  const progress = new Progress();
  const inFlight = newInFlight({} as Sandbox, Slot.forCopies(0), Kind.PACKETS, []);
  inFlight.slot.state = State.DISPATCHED;
  assertEquals(progress.stalledMs(inFlight, 1000, false), 0);
  assertEquals(progress.stalledMs(inFlight, 1400, false), 400);
  assertEquals(progress.stalledMs(inFlight, 9000, true), 0);
  assertEquals(progress.stalledMs(inFlight, 9100, false), 100);
  inFlight.slot.state = State.FULL;
  assertEquals(progress.stalledMs(inFlight, 9900, false), 0);
  inFlight.slot.state = State.DISPATCHED;
  assertEquals(progress.stalledMs(inFlight, 9950, false), 0);
  assertEquals(progress.stalledMs(undefined, 9990, false), 0);
});
