import { assert, assertEquals } from "@std/assert";
import { Retry } from "../../../src/daemon/outputs/retry.ts";

function retryOf() {
  const said: string[] = [];
  const tell = (message: string) => void said.push(message.replace(/[\d.]+ s$/, "N s"));
  return { retry: new Retry({ info: tell, warn: tell }), said };
}

Deno.test("A problem is logged once, another problem too, and the end of it", () => {
  const { retry, said } = retryOf();
  assert(retry.isDue);
  retry.succeed();
  retry.fail("full", "packets wait");
  retry.fail("full", "packets wait");
  assertEquals([retry.isDue, retry.problem], [false, "full"]);
  retry.fail("gone", "packets wait");
  retry.succeed();
  retry.succeed();
  assertEquals(retry.problem, undefined);
  assertEquals(said, [
    "full; it is tried again, and meanwhile packets wait",
    "gone; it is tried again, and meanwhile packets wait",
    "It can be written again after N s",
  ]);
});

Deno.test("A problem that comes and goes is logged once in ten seconds, while it is there", () => {
  const { retry, said } = retryOf();
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  try {
    for (; time < 25_000; time += 500) {
      retry.fail("nothing listens", "records wait");
      if (time < 15_000) retry.succeed();
    }
  } finally {
    performance.now = now;
  }
  const problem = "nothing listens; it is tried again, and meanwhile records wait";
  const recovery = "It can be written again after N s";
  assertEquals(said, [problem, recovery, problem, recovery, problem]);
});

Deno.test("Pauses grow up to a limit, and are short again after a success", async () => {
  const { retry } = retryOf();
  const now = performance.now.bind(performance);
  let ahead = 0;
  performance.now = () => now() + ahead;
  try {
    const pauseAfterFailure = () => {
      retry.fail("full", "");
      const begin = ahead;
      while (!retry.isDue) ahead += 25;
      return ahead - begin;
    };
    const pauses = Array.from({ length: 9 }, pauseAfterFailure);
    pauses.forEach((pause, n) => {
      const most = Math.min(10_000, 250 * 2 ** n);
      assert(pause >= most / 2 - 25 && pause <= most + 25, `${n}: ${pause}`);
    });
    retry.succeed();
    assert(pauseAfterFailure() <= 275);
  } finally {
    performance.now = now;
  }
  await Promise.resolve();
});

Deno.test("The end is not kept waiting by a pause, even one that begins later", async () => {
  const { retry } = retryOf();
  for (let n = 0; n < 8; n++) retry.fail("full", "");
  const waiting = retry.untilDue();
  retry.expedite();
  await waiting;
  await retry.untilDue();
});

Deno.test("No timer is set to a negative time, however long a step takes", async () => {
  const { retry } = retryOf();
  const { now } = performance;
  const { setTimeout } = globalThis;
  const times: number[] = [];
  let elapsed = 0;
  performance.now = () => elapsed += 100;
  globalThis.setTimeout = ((done: () => void, ms: number) => {
    times.push(ms);
    return setTimeout(done, 1);
  }) as typeof setTimeout;
  try {
    for (let round = 0; round < 50; round++) {
      retry.succeed();
      retry.fail("full", "");
      await retry.untilDue();
    }
  } finally {
    performance.now = now;
    globalThis.setTimeout = setTimeout;
  }
  assert(times.length > 10);
  assertEquals(times.filter((ms) => ms < 0), []);
});
