import { assert, assertEquals } from "@std/assert";
import { Restarts } from "../../../src/daemon/pool/restarts.ts";

/** Runs with a clock of the test's own. */
function withClock(test: (advance: (ms: number) => void) => void): void {
  const { now } = performance;
  let time = 1000;
  performance.now = () => time;
  try {
    test((ms) => time += ms);
  } finally {
    performance.now = now;
  }
}

Deno.test("Starts that fail in a row wait longer and longer, up to a second", () => {
  withClock(() => {
    const restarts = new Restarts();
    restarts.noteEnd();
    assert(restarts.isFirst);
    const waits = Array.from({ length: 7 }, () => {
      assertEquals(restarts.postpone(), false);
      return restarts.atMs - performance.now();
    });
    assertEquals(waits, [50, 100, 200, 400, 800, 1000, 1000]);
    assert(!restarts.isFirst);
    restarts.succeed();
    restarts.postpone();
    assertEquals(restarts.atMs - performance.now(), 50);
  });
});

Deno.test("There is no going on once no process was ready for a minute", () => {
  withClock((advance) => {
    const restarts = new Restarts();
    restarts.noteEnd();
    advance(59_000);
    assertEquals(restarts.postpone(), false);
    advance(2000);
    assertEquals(restarts.postpone(), true);
  });
});
