import { assertEquals } from "@std/assert";
import { type Delivering, Health } from "../../../src/daemon/telemetry/health.ts";
import { noStats } from "../../../src/output/output.ts";

const PATIENCE_MS = 60_000;

/** Returns an output without a problem. */
function output(changes: Partial<Delivering> & { written?: number } = {}): Delivering {
  const { written = 0, ...rest } = changes;
  return {
    name: "db",
    stats: { ...noStats(), written },
    figures: {},
    problem: undefined,
    writerProblem: undefined,
    waiting: 0,
    ...rest,
  };
}

Deno.test("An output that delivers, or for which nothing waits, is well", () => {
  const health = new Health(PATIENCE_MS);
  for (let second = 0; second < 300; second++) {
    const delivers = output({ written: second, waiting: 5 });
    const recovers = output({ name: "old", figures: { recovered: second }, waiting: 5 });
    const rests = output({ name: "idle" });
    assertEquals(health.problems([delivers, recovers, rests], second * 1000), []);
  }
});

Deno.test("An output that delivers nothing while packets wait is named after a while", () => {
  const health = new Health(PATIENCE_MS);
  health.watch([output()], 0);
  health.watch([output()], 100_000);
  const waits = output({ waiting: 7 });
  assertEquals(health.problems([waits], 159_999), []);
  assertEquals(health.problems([waits], 160_000), [
    "output db: it has delivered nothing for 60 s, and 7 packets wait",
  ]);
  assertEquals(health.problems([output({ waiting: 6, written: 1 })], 161_000), []);
  health.watch([], 170_000);
  assertEquals(health.problems([waits], 300_000), [], "a new one of that name begins anew");
});

Deno.test("A problem of a writer that delivers later counts when it lasts, others at once", () => {
  const health = new Health(PATIENCE_MS);
  const away = output({ writerProblem: { message: "Cannot connect", sinceMs: 10 } });
  assertEquals(health.problems([away], 60_009), []);
  assertEquals(health.problems([away], 60_010), ["output db: Cannot connect"]);
  const over = output({ writerProblem: { message: "it ended", sinceMs: -Infinity } });
  assertEquals(health.problems([over], 1), ["output db: it ended"]);
  const full = output({ problem: "the disk is full\noutput db: ok" });
  assertEquals(health.problems([full], 1), ["output db: the disk is full\\u000aoutput db: ok"]);
});
