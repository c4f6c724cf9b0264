import { assertEquals } from "@std/assert";
import { BufferedOutput } from "../../../src/daemon/outputs/buffered_output.ts";
import { Pipeline } from "../../../src/daemon/pipeline/pipeline.ts";
import { Topology } from "../../../src/daemon/pipeline/topology.ts";
import { OutputError } from "../../../src/errors.ts";
import type { ChunkWriter } from "../../../src/output/output.ts";
import type { Origin } from "../../../src/record/origin.ts";
import { MemoryWriter } from "../../output/memory_writer.ts";
import { FakePool, FakeReader, FakeSandbox, outputOf, sourceOf, until } from "./fakes.ts";

/** A reader whose datagrams are chunks of one each. */
class ChunkReader extends FakeReader {
  origin: Origin | undefined;
  /** Numbers of the chunks that were acknowledged. */
  readonly acknowledged: number[] = [];
  #number = 0;

  override receive(buffer: Uint8Array): number {
    const length = super.receive(buffer);
    const [session, lane] = ["11111111-1111-4111-8111-111111111111", "host.fw.packet"];
    const from = length < 0 ? this.#number : ++this.#number;
    this.origin = { session, lane, from, part: 0, chunk: 0, previous: undefined, isLast: true };
    return length;
  }

  acknowledge({ from }: Origin): void {
    this.acknowledged.push(from);
  }
}

/** A writer with a spool of its own, which notes its calls. */
class ChunkedWriter extends MemoryWriter {
  readonly events: (string | number)[] = [];
  readonly chunks: ChunkWriter & { safe: number } = {
    begin: () => void this.events.push("begin"),
    end: ({ from }) => {
      this.events.push(`end ${from}`);
      return Promise.resolve(from);
    },
    safe: 0,
  };

  override write(bytes: Uint8Array): void | Promise<void> {
    this.events.push(...bytes);
    return super.write(bytes);
  }

  lost(): void {
    this.events.push("loss");
  }
}

function start(outputs: BufferedOutput[], readers: FakeReader[]) {
  const sandbox = new FakeSandbox(outputs.length);
  const pool = new FakePool(sandbox);
  const sources = readers.map((reader, index) => sourceOf(String(index), reader));
  const topology = new Topology(sources, outputs);
  const pipeline = new Pipeline();
  const ended = new AbortController();
  const running = pipeline.run({ pool: pool.real, topology }, ended.signal);
  return { sandbox, pool, topology, pipeline, ended, running };
}

const log = { info() {}, warn() {} };

Deno.test("A chunk is alone in its slot, and acknowledged once it is written, in order", async () => {
  const [reader, other] = [new ChunkReader(), new FakeReader()];
  const { output, written } = outputOf("out");
  reader.push([1], [2], [3]).end();
  other.push([9], [9], [9], [9]).end();
  const t = start([output], [reader, other]);
  const counts: number[] = [];
  t.sandbox.isQuick = false;
  while (reader.acknowledged.length < 3) {
    await until(() => t.sandbox.dispatched.length > 0 || reader.acknowledged.length === 3);
    for (const slot of t.sandbox.dispatched.slice()) {
      if (slot.slot.isReturned) continue;
      const isChunk = slot.datagrams.some(({ source }) => source === 0);
      if (isChunk) counts.push(slot.datagrams.length);
      t.sandbox.work(slot);
      t.pipeline.wake();
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  t.sandbox.isQuick = true;
  await t.running;
  assertEquals(counts, [1, 1, 1]);
  assertEquals(reader.acknowledged, [1, 2, 3]);
  assertEquals(written().filter((byte) => byte !== 9), [1, 2, 3]);
});

Deno.test("A chunk waits for the slowest output, and those behind it for that chunk", async () => {
  const room = Promise.withResolvers<void>();
  const slow = new MemoryWriter(() => room.promise);
  const options = { writer: slow, sync: false, blocks: true, queueSize: 1_048_576, log };
  const queued = new BufferedOutput({ name: "slow", ...options });
  const { output, written } = outputOf("quick");
  const reader = new ChunkReader();
  const t = start([output, queued], [reader]);
  reader.push([1], [2]);
  await until(() => written().length === 2);
  assertEquals(reader.acknowledged, []);
  // A whole piece is written; the records of these chunks are in it.
  queued.expedite();
  room.resolve();
  await until(() => reader.acknowledged.length === 2);
  assertEquals(reader.acknowledged, [1, 2]);
  reader.end();
  await t.running;
  t.pipeline.fence.close();
});

Deno.test("An output that fails its records does not hold up acknowledgements", async () => {
  const broken = new MemoryWriter(() => {
    throw new OutputError("out", "Cannot write out: no space left on device");
  });
  const { output } = outputOf("broken", broken);
  const reader = new ChunkReader();
  reader.push([1, 1], [2]).end();
  const t = start([output], [reader]);
  await t.running;
  assertEquals([reader.acknowledged, output.stats.failed], [[1, 2], 3]);
});

Deno.test("A chunk with no record for any output is acknowledged", async () => {
  const { output, written } = outputOf("out");
  const reader = new ChunkReader();
  const t = start([output], [reader]);
  t.sandbox.spoil = (slot) => {
    slot.clearResults();
    slot.report(0, { received: 1, malformed: 0, lost: 0, firstSeq: -1, nextSeq: -1 });
    slot.countVerdicts(0, 1, 0);
    slot.countOutput(0, { length: 0, packets: 0, unfit: 0, filtered: 1, emitted: 0 });
  };
  reader.push([1]).end();
  await t.running;
  assertEquals([reader.acknowledged, written()], [[1], []]);
});

Deno.test("Records that a stop drops are not acknowledged", async () => {
  const stuck = new MemoryWriter(() => new Promise<void>(() => {}));
  const options = { writer: stuck, sync: false, blocks: true, queueSize: 1_048_576, log };
  const output = new BufferedOutput({ name: "stuck", ...options });
  const reader = new ChunkReader();
  reader.push([1], [2]).end();
  const t = start([output], [reader]);
  await t.running;
  output.stopNow();
  await output.close();
  t.pipeline.fence.close();
  assertEquals([reader.acknowledged, output.stats.dropped], [[], 2]);
});

Deno.test("A writer with a spool gets a chunk between its beginning and its end, with its losses", async () => {
  const writer = new ChunkedWriter();
  const { output } = outputOf("database", writer);
  const reader = new ChunkReader();
  reader.lostRecords = 0;
  const t = start([output], [reader]);
  t.sandbox.isQuick = false;
  t.sandbox.onResume = (slot) => {
    t.sandbox.work(slot, { first: 0, until: 1, isDone: true });
    t.pipeline.wake();
  };
  reader.lostRecords = 4;
  reader.push([1]);
  await until(() => t.sandbox.dispatched.length === 1);
  // Its area was full; the rest comes once that is written.
  const [slot] = t.sandbox.dispatched;
  t.sandbox.work(slot!, { first: 0, until: 0, isDone: false });
  t.pipeline.wake();
  await until(() => writer.events.includes("end 1"));
  assertEquals(writer.events, ["begin", "loss", 1, "end 1"]);
  assertEquals(reader.acknowledged, []);
  writer.chunks.safe = 1;
  await until(() => reader.acknowledged.length === 1);
  t.sandbox.isQuick = true;
  reader.end();
  await t.running;
  t.pipeline.fence.close();
});

Deno.test("An output that a reload removes holds up nothing, and one that it adds has what comes", async () => {
  const stuck = new MemoryWriter(() => new Promise<void>(() => {}));
  const options = { writer: stuck, sync: false, blocks: true, queueSize: 1_048_576, log };
  const leaving = new BufferedOutput({ name: "stuck", ...options });
  const reader = new ChunkReader();
  const t = start([leaving], [reader]);
  reader.push([1], [2]);
  await until(() => t.topology.counters(t.pipeline.filter).sources["0"]!.received === 2);
  assertEquals(reader.acknowledged, []);
  const { output, written } = outputOf("new");
  await t.pipeline.exchange([], async () => {
    leaving.stopNow();
    await leaving.close();
    const topology = new Topology(t.topology.sources, [output]);
    return { pool: new FakePool(new FakeSandbox(1)).real, topology };
  });
  reader.push([3]).end();
  await t.running;
  assertEquals([reader.acknowledged, written()], [[1, 2, 3], [3]]);
});
