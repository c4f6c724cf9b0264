import { assert, assertEquals } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import type { Writer } from "../../src/output/output.ts";
import { RefusedError } from "../../src/output/remote/failure.ts";
import type { Loss } from "../../src/record/loss.ts";
import { BufferedOutput } from "../../src/daemon/outputs/buffered_output.ts";
import type { BufferedOutputOptions } from "../../src/daemon/outputs/options.ts";

const ONE = { packets: 1, emitted: 0 };
/** A quarter of a piece of the queue. */
const LARGE = new Uint8Array(128 * 1024);

/** Writer controlled by a test. */
class TestWriter implements Writer {
  written: number[] = [];
  losses: Loss[] = [];
  closed = false;
  /** Error to throw by each write until it is unset. */
  error: Error | undefined;
  /** Promise to await before each write. */
  gate: Promise<void> | undefined;
  readonly isStream: boolean;

  constructor(isStream = false) {
    this.isStream = isStream;
  }

  write(bytes: Uint8Array): void | Promise<void> {
    if (this.gate !== undefined) return this.gate.then(() => this.#take(bytes));
    if (this.isStream) return Promise.resolve().then(() => this.#take(bytes));
    this.#take(bytes);
  }

  #take(bytes: Uint8Array): void {
    if (this.error !== undefined) throw this.error;
    this.written.push(bytes.length);
  }

  lost(loss: Loss): void {
    this.written.push(-loss.packets);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function outputOf(
  writer: Writer,
  plan: Partial<BufferedOutputOptions> = {},
): BufferedOutput & { said: string[] } {
  const said: string[] = [];
  const tell = (message: string) => void said.push(message);
  const log = { info: tell, warn: tell };
  const buffered = new BufferedOutput({
    name: "out",
    writer,
    sync: true,
    blocks: false,
    queueSize: 1024 * 1024,
    log,
    ...plan,
  });
  return Object.assign(buffered, { said });
}

/** Counters of an output; they always add up. */
function figures({ stats }: BufferedOutput) {
  const { written, failed, dropped, spooled } = stats;
  return { written, failed, dropped, spooled };
}

Deno.test("A regular file takes records immediately", async () => {
  const writer = new TestWriter();
  const buffered = outputOf(writer);
  assertEquals(buffered.take(new Uint8Array(10), { packets: 2, emitted: 1 }), undefined);
  assertEquals(writer.written, [10]);
  await buffered.close();
  assert(writer.closed);
  assertEquals(figures(buffered), { written: 2, failed: 0, dropped: 0, spooled: 0 });
  assertEquals(buffered.stats.emitted, 1);
});

Deno.test("A slow reader has a queue; records without room are dropped and counted", async () => {
  const writer = new TestWriter(true);
  const { promise, resolve } = Promise.withResolvers<void>();
  writer.gate = promise;
  const buffered = outputOf(writer);
  // Four fill a piece; there are at most three pieces.
  for (let i = 0; i < 14; i++) assertEquals(buffered.take(LARGE, ONE), undefined);
  assertEquals(figures(buffered), { written: 0, failed: 0, dropped: 2, spooled: 12 });
  resolve();
  await buffered.close();
  assertEquals(figures(buffered), { written: 12, failed: 0, dropped: 2, spooled: 0 });
  assertEquals(buffered.lost, 2);
});

Deno.test("With the policy to block, the sources wait until there is room, and nothing is dropped", async () => {
  const writer = new TestWriter(true);
  const { promise, resolve } = Promise.withResolvers<void>();
  writer.gate = promise;
  const buffered = outputOf(writer, { blocks: true });
  for (let i = 0; i < 12; i++) assertEquals(buffered.take(LARGE, ONE), undefined);
  const waiting = buffered.take(LARGE, ONE);
  assert(waiting !== undefined);
  resolve();
  await waiting;
  // The last ones are written without a further packet.
  await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals(figures(buffered), { written: 13, failed: 0, dropped: 0, spooled: 0 });
  await buffered.close();
  assertEquals(figures(buffered), { written: 13, failed: 0, dropped: 0, spooled: 0 });
});

Deno.test("A blocked reader does not delay a stop after stop_timeout_ms", async () => {
  const writer = new TestWriter(true);
  writer.gate = new Promise(() => {});
  const buffered = outputOf(writer, { blocks: true });
  for (let i = 0; i < 12; i++) buffered.take(LARGE, ONE);
  const waiting = buffered.take(LARGE, ONE);
  const closing = buffered.close();
  buffered.stopNow();
  await waiting;
  await closing;
  assertEquals(figures(buffered), { written: 0, failed: 0, dropped: 13, spooled: 0 });
});

Deno.test("A blocked reader does not delay the reopening of files", async () => {
  const writer = new TestWriter(true);
  writer.gate = new Promise(() => {});
  const buffered = outputOf(writer);
  buffered.take(LARGE, ONE);
  await buffered.reopen();
  buffered.stopNow();
  await buffered.close();
});

Deno.test("A write that hangs does not delay a reload: the file is reopened before the next one", async () => {
  class File extends TestWriter {
    reopen() {
      this.written.push(0);
    }
  }
  const writer = new File();
  const gate = Promise.withResolvers<void>();
  writer.gate = gate.promise;
  const buffered = outputOf(writer, { sync: false });
  for (let i = 0; i < 5; i++) buffered.take(LARGE, ONE);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await buffered.reopen();
  assertEquals(writer.written, []);
  gate.resolve();
  await buffered.close();
  assertEquals(writer.written, [4 * LARGE.length, 0, LARGE.length]);
});

Deno.test("An output that fails logs it once, is retried, and logs the recovery", async () => {
  const writer = new TestWriter();
  const buffered = outputOf(writer);
  writer.error = new OutputError("a", "Cannot write a: the disk is full");
  for (let i = 0; i < 5; i++) buffered.take(LARGE, ONE);
  assertEquals(buffered.said, [
    "Cannot write a: the disk is full; it is tried again, and meanwhile its packets are counted as failed",
  ]);
  assertEquals(buffered.problem, "Cannot write a: the disk is full");
  writer.error = undefined;
  // It is not retried with every packet.
  buffered.take(LARGE, ONE);
  assertEquals(figures(buffered), { written: 0, failed: 6, dropped: 0, spooled: 0 });
  await new Promise((resolve) => setTimeout(resolve, 260));
  buffered.take(LARGE, ONE);
  assertEquals(figures(buffered), { written: 1, failed: 6, dropped: 0, spooled: 0 });
  assertEquals(buffered.said.length, 2);
  assertEquals(buffered.said[1]!.replace(/[\d.]+ s/, "N s"), "It can be written again after N s");
  assertEquals(buffered.problem, undefined);
  await buffered.close();
});

Deno.test("A pipe whose reader left takes another one", async () => {
  const [first, second] = [new TestWriter(true), new TestWriter(true)];
  const buffered = outputOf(first, { reopen: () => Promise.resolve(second) });
  first.error = new OutputError("a", "Cannot write a: the reader at its other end is gone");
  buffered.take(LARGE, ONE);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals(figures(buffered), { written: 0, failed: 1, dropped: 0, spooled: 0 });
  await new Promise((resolve) => setTimeout(resolve, 260));
  buffered.take(LARGE, ONE);
  await buffered.close();
  assertEquals(figures(buffered), { written: 1, failed: 1, dropped: 0, spooled: 0 });
  assertEquals(second.written.length, 1);
  assert(first.closed && second.closed);
});

Deno.test("Standard output whose reader left is not reopened", async () => {
  const writer = new TestWriter(true);
  const buffered = outputOf(writer);
  writer.error = new OutputError("-", "Cannot write standard output: it is gone");
  buffered.take(LARGE, ONE);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals(buffered.gone, writer.error);
  buffered.take(LARGE, ONE);
  await buffered.close();
  assertEquals(figures(buffered), { written: 0, failed: 2, dropped: 0, spooled: 0 });
});

Deno.test("Losses are noted in their place, also between queued records", async () => {
  const writer = new TestWriter(true);
  const buffered = outputOf(writer);
  const loss = { source: "nflog:1", packets: 7, seconds: 1, nanoseconds: 0 };
  buffered.take(new Uint8Array(1), ONE);
  buffered.noteLoss(loss);
  buffered.noteLoss({ ...loss, packets: 2 });
  buffered.take(new Uint8Array(2), ONE);
  await buffered.close();
  assertEquals(writer.written, [1, -9, 2]);
});

Deno.test("Without sync, records are collected", async () => {
  const writer = new TestWriter();
  const buffered = outputOf(writer, { sync: false });
  for (let i = 0; i < 4; i++) buffered.take(LARGE, ONE);
  assertEquals(writer.written, []);
  assertEquals(figures(buffered), { written: 0, failed: 0, dropped: 0, spooled: 4 });
  buffered.take(LARGE, ONE);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await buffered.close();
  assertEquals(writer.written.reduce((sum, length) => sum + length, 0), 5 * LARGE.length);
});

Deno.test("A long queue is written with turns for timers in between", async () => {
  const writer = new TestWriter(true);
  const { promise, resolve } = Promise.withResolvers<void>();
  writer.gate = promise;
  const buffered = outputOf(writer, { queueSize: 64 * 1024 * 1024 });
  for (let i = 0; i < 400; i++) buffered.take(LARGE, ONE);
  // Now it takes 3 ms for a piece of four, and waits for nothing.
  writer.gate = undefined;
  const { push } = writer.written;
  writer.written.push = function (...lengths) {
    const end = performance.now() + 3;
    while (performance.now() < end);
    return push.apply(this, lengths);
  };
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  resolve();
  await buffered.close();
  clearInterval(timer);
  assertEquals(buffered.stats.written, 400);
  assert(turns >= 5, `${turns} turns`);
});

/** Writer whose receiver is remote. */
class RemoteTestWriter extends TestWriter {
  readonly isRemote = true;
  readonly gatherMs: number;

  constructor(gatherMs = 0) {
    super(true);
    this.gatherMs = gatherMs;
  }
}

Deno.test("Records for a remote receiver wait in the queue while it is away", async () => {
  const writer = new RemoteTestWriter();
  writer.error = new OutputError("there", "Cannot send to there: nothing listens there");
  const buffered = outputOf(writer, { reopen: () => Promise.resolve(writer) });
  for (let i = 0; i < 5; i++) buffered.take(new Uint8Array(10), ONE);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(figures(buffered), { written: 0, failed: 0, dropped: 0, spooled: 5 });
  writer.error = undefined;
  await buffered.close();
  assertEquals(figures(buffered), { written: 5, failed: 0, dropped: 0, spooled: 0 });
  assertEquals(buffered.said[0]?.endsWith("meanwhile its packets wait in the queue"), true);
});

Deno.test("Refused records are counted as failed, logged once a minute, and do not stop others", async () => {
  const writer = new RemoteTestWriter();
  const refusal = () => new RefusedError("there", "there answers 400", ["a", "b"]);
  const buffered = outputOf(writer, { reopen: () => Promise.resolve(writer) });
  for (let round = 0; round < 3; round++) {
    writer.error = refusal();
    buffered.take(new TextEncoder().encode("a\nb\nc\n"), { packets: 3, emitted: 0 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    writer.error = undefined;
    buffered.take(new TextEncoder().encode("d\n"), ONE);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await buffered.close();
  assertEquals(figures(buffered), { written: 6, failed: 6, dropped: 0, spooled: 0 });
  assertEquals(buffered.said, [
    "there answers 400; these packets are counted as failed",
    "there answers 400; these packets are counted as failed",
  ]);
});

Deno.test("Records are collected for a request, and written at once when nfscribe stops", async () => {
  const writer = new RemoteTestWriter(60_000);
  const buffered = outputOf(writer);
  for (let i = 0; i < 3; i++) buffered.take(new Uint8Array(10), ONE);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(writer.written, []);
  await buffered.close();
  assertEquals(writer.written, [30]);
});
