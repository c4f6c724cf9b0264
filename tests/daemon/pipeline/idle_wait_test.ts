import { assert, assertEquals } from "@std/assert";
import { IdleWait } from "../../../src/daemon/pipeline/idle_wait.ts";
import { FakeReader } from "./fakes.ts";

Deno.test("A rest ends with a packet, and says that there is one", async () => {
  const wait = new IdleWait();
  const reader = new FakeReader();
  const resting = wait.wait({ timeoutMs: 60_000, readers: [reader] });
  reader.push([1]);
  await resting;
  assertEquals([wait.readable, wait.woken], [true, false]);
});

Deno.test("A rest ends with its time, and the wait for a reader goes on over several rests", async () => {
  const wait = new IdleWait();
  const reader = new FakeReader();
  let waits = 0;
  const { wait: real } = reader;
  reader.wait = () => {
    waits++;
    return real.call(reader);
  };
  for (let n = 0; n < 3; n++) await wait.wait({ timeoutMs: 1, readers: [reader] });
  assertEquals([waits, wait.readable], [1, false]);
  const resting = wait.wait({ timeoutMs: 60_000, readers: [reader] });
  reader.push([1]);
  await resting;
  assertEquals([waits, wait.readable], [1, true]);
});

Deno.test("A call ends the rest under way, or the next one", async () => {
  const wait = new IdleWait();
  const resting = wait.wait({ timeoutMs: 60_000, readers: [] });
  wait.wake();
  assert(wait.woken);
  await resting;
  assert(!wait.woken);
  wait.wake();
  await wait.wait({ timeoutMs: 60_000, readers: [] });
  assert(!wait.woken);
});

Deno.test("A rest that ends at once lets messages and timers in", async () => {
  const wait = new IdleWait();
  let isIn = false;
  setImmediate(() => isIn = true);
  wait.wake();
  await wait.wait({ timeoutMs: 60_000, readers: [] });
  assert(isIn);
});
