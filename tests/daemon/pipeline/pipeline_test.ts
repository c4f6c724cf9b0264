import { assertEquals, assertRejects } from "@std/assert";
import { imbalance } from "../imbalance.ts";
import { Pipeline } from "../../../src/daemon/pipeline/pipeline.ts";
import { Topology } from "../../../src/daemon/pipeline/topology.ts";
import { DATAGRAMS_MAX, State } from "../../../src/sandbox/slot.ts";
import { Awaited } from "../../../src/sandbox/wakeup.ts";
import { MemoryWriter } from "../../output/memory_writer.ts";
import { FakePool, FakeReader, FakeSandbox, Kind, outputOf, sourceOf, until } from "./fakes.ts";

/** Returns a pipeline of one source, one sandbox and one output. */
function simple() {
  const reader = new FakeReader();
  const sandbox = new FakeSandbox(1);
  const pool = new FakePool(sandbox);
  const { output, writer, written } = outputOf("out");
  const topology = new Topology([sourceOf("in", reader)], [output]);
  const pipeline = new Pipeline();
  const ended = new AbortController();
  const run = () => pipeline.run({ pool: pool.real, topology }, ended.signal);
  const counters = () => topology.counters(pipeline.filter);
  return {
    reader,
    sandbox,
    pool,
    output,
    writer,
    written,
    topology,
    pipeline,
    ended,
    run,
    counters,
  };
}

Deno.test("A pipeline moves packets of every source to every output, until all sources have ended", async () => {
  const [one, two] = [new FakeReader(), new FakeReader()];
  const sandbox = new FakeSandbox(2);
  const [first, second] = [outputOf("first"), outputOf("second")];
  const topology = new Topology([sourceOf("a", one), sourceOf("b", two)], [
    first.output,
    second.output,
  ]);
  const pipeline = new Pipeline();
  for (let n = 0; n < 100; n++) one.push([1, 1]);
  one.end();
  two.push([2], [2], [2]).end();
  const pool = new FakePool(sandbox);
  await pipeline.run({ pool: pool.real, topology }, new AbortController().signal);
  for (const { written } of [first, second]) {
    assertEquals(written().filter((byte) => byte === 1).length, 200);
    assertEquals(written().filter((byte) => byte === 2).length, 3);
  }
  const counters = topology.counters(pipeline.filter);
  assertEquals(imbalance(counters), []);
  assertEquals([counters.sources.a!.received, counters.sources.b!.received], [200, 3]);
  assertEquals(pipeline.filter.passed, 203);
});

Deno.test("Slots are written in the order in which they were received, whichever is done first", async () => {
  const reader = new FakeReader();
  const [slow, quick] = [new FakeSandbox(1, 1), new FakeSandbox(1, 1)];
  slow.isQuick = false;
  const { output, written } = outputOf("out");
  const topology = new Topology([sourceOf("in", reader)], [output]);
  const pipeline = new Pipeline();
  const running = pipeline.run(
    { pool: new FakePool(slow, quick).real, topology },
    new AbortController().signal,
  );
  reader.push([1]);
  await until(() => slow.dispatched.length === 1);
  reader.push([2]);
  await until(() => quick.dispatched.length === 1);
  assertEquals([written(), quick.dispatched[0]!.slot.state], [[], State.DONE]);
  assertEquals(pipeline.inFlight.length, 2);
  slow.work(slow.dispatched[0]!);
  pipeline.wake();
  await until(() => written().length === 2);
  assertEquals(written(), [1, 2]);
  assertEquals(pipeline.inFlight.length, 0);
  slow.isQuick = true;
  reader.end();
  await running;
});

Deno.test("A slot whose areas are full is written and gone on with before those behind it", async () => {
  const { reader, sandbox, pipeline, written, run, counters } = simple();
  sandbox.isQuick = false;
  reader.push([1], [2, 2], [3]).end();
  const running = run();
  await until(() => sandbox.dispatched.length === 1);
  const [inFlight] = sandbox.dispatched;
  sandbox.onResume = (resumed) => sandbox.work(resumed, { first: 2, until: 3, isDone: true });
  sandbox.work(inFlight!, { first: 0, until: 2, isDone: false });
  pipeline.wake();
  await running;
  assertEquals(written(), [1, 2, 2, 3]);
  assertEquals(imbalance(counters()), []);
  assertEquals(counters().sources.in!.received, 4);
});

Deno.test("Impossible numbers are not believed: the slot is decided anew, and counted once", async () => {
  for (
    const spoil of [
      { length: 999_999_999, packets: 1, unfit: 0, filtered: 0, emitted: 0 },
      { length: -1, packets: 1, unfit: 0, filtered: 0, emitted: 0 },
      { length: 1, packets: 7, unfit: 0, filtered: 0, emitted: 0 },
    ]
  ) {
    const { reader, sandbox, written, run, counters } = simple();
    sandbox.spoil = (slot) => slot.countOutput(0, spoil);
    reader.push([7]).end();
    await run();
    assertEquals([sandbox.distrusted, written()], [1, [7]]);
    assertEquals(imbalance(counters()), []);
    assertEquals(counters().sources.in!.received, 1);
  }
});

Deno.test("An abort stops the readers and hurries the rest; what is queued is received and written", async () => {
  const { reader, pool, ended, written, run } = simple();
  const running = run();
  reader.push([1]);
  await until(() => written().length === 1);
  reader.push([2], [3]);
  ended.abort();
  await running;
  assertEquals(written(), [1, 2, 3]);
  assertEquals([reader.events, pool.events], [["stop"], ["expedite"]]);
});

Deno.test("What comes while a reader is stopped is waited for", async () => {
  const { reader, ended, written, run } = simple();
  const stopping = Promise.withResolvers<void>();
  reader.last = stopping.promise;
  const running = run();
  ended.abort();
  await until(() => reader.events.length === 1);
  reader.push([9]);
  await until(() => written().length === 1);
  reader.push([10]);
  stopping.resolve();
  await running;
  assertEquals(written(), [9, 10]);
});

Deno.test("Sockets that another process gets are left as they are", async () => {
  const { reader, pipeline, ended, run } = simple();
  pipeline.keepSockets();
  ended.abort();
  await run();
  assertEquals(reader.events, ["leave"]);
});

Deno.test("A source that fails ends the run with its error, after what others have queued is written", async () => {
  const [bad, good] = [new FakeReader(), new FakeReader()];
  const { output, written } = outputOf("out");
  const topology = new Topology([sourceOf("bad", bad), sourceOf("good", good)], [output]);
  bad.error = new Error("the socket is gone");
  good.push([1], [2]);
  const pool = new FakePool(new FakeSandbox(1));
  const running = new Pipeline().run({ pool: pool.real, topology }, new AbortController().signal);
  await assertRejects(() => running, Error, "the socket is gone");
  assertEquals(written(), [1, 2]);
  assertEquals([bad.events, good.events], [[], ["stop"]]);
});

Deno.test("A run ends with the error of its outputs once all of them are gone for good", async () => {
  class Pipe extends MemoryWriter {
    readonly isStream = true;
  }
  const reader = new FakeReader();
  const { output } = outputOf("-", new Pipe(() => Promise.reject(new Error("the reader is gone"))));
  const topology = new Topology([sourceOf("in", reader)], [output]);
  reader.push([1]);
  const pool = new FakePool(new FakeSandbox(1));
  const running = new Pipeline().run({ pool: pool.real, topology }, new AbortController().signal);
  await assertRejects(() => running, Error, "the reader is gone");
  assertEquals(output.stats.failed, 1);
});

Deno.test("Scripts hear of their end behind the last packet, once", async () => {
  const { reader, sandbox, run } = simple();
  sandbox.stops = true;
  reader.push([1], [2]).end();
  await run();
  assertEquals(sandbox.kinds, [Kind.PACKETS, Kind.STOP]);
  assertEquals(sandbox.stopPending, false);
});

Deno.test("Ticks, and lines of a script's own, get slots; none after the end", async () => {
  const { reader, sandbox, pool, pipeline, run } = simple();
  const running = run();
  pool.due = [sandbox];
  pipeline.wake();
  await until(() => sandbox.kinds.length === 1);
  sandbox.wantsSlot = true;
  pipeline.wake();
  await until(() => sandbox.kinds.length === 2);
  assertEquals([sandbox.kinds, sandbox.wantsSlot], [[Kind.TICK, Kind.EVENTS], false]);
  reader.end();
  await running;
});

Deno.test("At an exchange leaving sources are emptied first, and nothing is on its way between the parts", async () => {
  const { reader, sandbox, pipeline, written, run } = simple();
  const kept = outputOf("new");
  const next = new FakeReader();
  const running = run();
  reader.push([1], [2]);
  sandbox.stops = true;
  let inFlight = -1;
  await pipeline.exchange([reader], () => {
    inFlight = pipeline.inFlight.length;
    const topology = new Topology([sourceOf("next", next)], [kept.output]);
    return Promise.resolve({ pool: new FakePool(new FakeSandbox(1)).real, topology });
  });
  assertEquals([inFlight, written(), reader.events], [0, [1, 2], ["stop"]]);
  assertEquals(sandbox.kinds.at(-1), Kind.STOP);
  next.push([3]).end();
  await running;
  assertEquals([written(), kept.written()], [[1, 2], [3]]);
});

Deno.test("An exchange that fails leaves the old parts at work", async () => {
  const { reader, pipeline, written, run } = simple();
  const running = run();
  const exchange = pipeline.exchange([], () => Promise.reject(new Error("the port is taken")));
  await assertRejects(() => exchange, Error, "the port is taken");
  reader.push([5]).end();
  await running;
  assertEquals(written(), [5]);
});

Deno.test("Nothing is exchanged once a run ends", async () => {
  const { reader, sandbox, pipeline, ended, run } = simple();
  sandbox.isQuick = false;
  const running = run();
  reader.push([1]);
  await until(() => sandbox.dispatched.length === 1);
  const exchange = pipeline.exchange([], () => Promise.reject(new Error("never asked")));
  ended.abort();
  await assertRejects(() => exchange, Error, "about to end");
  sandbox.isQuick = true;
  sandbox.work(sandbox.dispatched[0]!);
  await running;
  await assertRejects(() => pipeline.exchange([], () => Promise.reject()), Error, "about to end");
});

Deno.test("A sandbox that never answers does not hold up the end for more than a moment", async () => {
  const { reader, sandbox, pool, pipeline, ended, run, output } = simple();
  sandbox.isQuick = false;
  const running = run();
  reader.push([1]);
  await until(() => sandbox.dispatched.length === 1);
  ended.abort();
  const begin = performance.now();
  pipeline.stopNow();
  await running;
  assertEquals(performance.now() - begin < 3000, true);
  assertEquals(pool.events, ["expedite", "bypassScript"]);
  assertEquals(output.stats.written, 0);
});

Deno.test("fail() ends a run with the error, whatever is on its way", async () => {
  const { reader, sandbox, pipeline, run } = simple();
  sandbox.isQuick = false;
  const running = run();
  reader.push([1]);
  await until(() => sandbox.dispatched.length === 1);
  pipeline.fail(new Error("no way back"));
  await assertRejects(() => running, Error, "no way back");
});

Deno.test("A wait for a slow output is shown to the observer, and so is what was written", async () => {
  const { reader, writer, topology, pool, pipeline } = simple();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const slow = outputOf("slow", new MemoryWriter(() => gate.promise));
  const both = new Topology(topology.sources, [slow.output]);
  reader.push([1]).end();
  const running = pipeline.run({ pool: pool.real, topology: both }, new AbortController().signal, {
    nextMs: Infinity,
    ping: () => {},
    during(work) {
      seen.push("waits");
      gate.resolve();
      return work;
    },
    written: () => seen.push("written"),
  });
  await running;
  assertEquals(seen, ["waits", "written"]);
  assertEquals([slow.written(), writer.batches], [[1], []]);
});

Deno.test("The thread blocks while packets accumulate, unless a source needs the event loop", async () => {
  for (const needsEventLoop of [false, true]) {
    const { reader, pool, written, run } = simple();
    reader.needsEventLoop = needsEventLoop;
    const running = run();
    reader.push([1], [2]);
    await until(() => written().length === 2);
    reader.end();
    await running;
    assertEquals(pool.pauses.length > 0, !needsEventLoop);
  }
});

Deno.test("A pause is long only while what comes leaves room in the kernel's buffer", async () => {
  for (const bufferBytes of [Infinity, 0]) {
    const { reader, pool, written, run } = simple();
    reader.bufferBytes = bufferBytes;
    let more = 3;
    pool.onBlock = () => {
      if (more-- > 0) reader.push([1]);
    };
    const running = run();
    reader.push([1]);
    await until(() => written().length === 4);
    reader.end();
    await running;
    assertEquals([pool.pauses[0], pool.pauses[1]], [8, bufferBytes > 0 ? 16 : 8]);
  }
});

Deno.test("Without a free slot, the first one that is returned ends a pause", async () => {
  const { reader, pool, sandbox, written, run } = simple();
  const running = run();
  for (const isFull of [true, false]) {
    let awaited = -1;
    sandbox.isQuick = false;
    pool.onBlock = () => {
      awaited = pool.awaited;
      pool.onBlock = undefined;
      sandbox.isQuick = true;
      for (const inFlight of [...sandbox.dispatched]) sandbox.work(inFlight);
    };
    // Two slots hold as many; none is free for the next one.
    const before = written().length;
    const count = isFull ? 2 * DATAGRAMS_MAX + 1 : 1;
    reader.push(...Array.from({ length: count }, () => [1]));
    await until(() => written().length === before + count);
    assertEquals(awaited, isFull ? Awaited.ANY : Awaited.FULL);
  }
  reader.end();
  await running;
});
