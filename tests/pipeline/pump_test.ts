import { assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { type Encoder, Output } from "../../src/output/output.ts";
import { PcapEncoder } from "../../src/output/pcap/encoder.ts";
import { pump } from "../../src/pipeline/pump.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import { diskFull, MemoryWriter } from "../output/memory_writer.ts";
import { concat } from "../packet/sample.ts";
import { done, numbered } from "../source/nflog/sample.ts";
import { MemoryReader, type MemoryReaderOptions } from "./memory_reader.ts";

/** A reader, a writer and what lies between them. */
function pipeline(options: MemoryReaderOptions = {}, writer = new MemoryWriter(), sync = true) {
  const stop = new AbortController();
  const reader = new MemoryReader(options);
  const decoder = new NflogDecoder();
  const output = new Output("test", new PcapEncoder(), writer, { sync });
  const run = (outputs = [output]) => pump(reader, decoder, outputs, stop.signal);
  return { reader, decoder, output, writer, stop, run };
}

const BATCH = concat(numbered(0), numbered(1), done());

Deno.test("pump() takes in all there is before it waits, and writes it", async () => {
  const { reader, decoder, output, writer, stop, run } = pipeline({
    queue: [BATCH, numbered(2), numbered(3)],
    onWait: () => {
      assertEquals([decoder.received, output.stats.written], [4, 4]); // before it waits
      stop.abort();
      queueMicrotask(() => reader.wake());
    },
  });
  await run();
  assertEquals([decoder.received, decoder.lost, output.stats.written], [4, 0, 4]);
  assertEquals(writer.batches.length, 1); // one batch for all that was there
});

Deno.test("pump() gives each packet the time of its receipt", async () => {
  const { writer, stop, run } = pipeline({ queue: [numbered(0)] });
  stop.abort();
  await run();
  const record = new Uint32Array(writer.batches[0]!.slice(0, 8).buffer);
  assertEquals([...record], [12, 34]);
});

Deno.test("pump() gives each packet the names that were true when it was received", async () => {
  const { decoder, reader, stop } = pipeline({ queue: [BATCH, numbered(2)] });
  const names: (string | undefined)[] = [];
  const encoder: Encoder = {
    encode({ interfaces }) {
      names.push(interfaces.get(2).name);
      return 1;
    },
  };
  stop.abort();
  const output = new Output("names", encoder, new MemoryWriter(), { sync: true });
  await pump(reader, decoder, [output], stop.signal);
  assertEquals(names, ["eth0", "eth0", "eth1"]);
});

Deno.test("pump() goes on when something arrives", async () => {
  const arrivals = [numbered(0), numbered(1), numbered(2)];
  const { reader, decoder, output, stop, run } = pipeline({
    onWait: () =>
      queueMicrotask(() => {
        const next = arrivals.shift();
        if (next !== undefined) return reader.deliver(next);
        stop.abort();
        reader.wake();
      }),
  });
  await run();
  assertEquals([decoder.received, output.stats.written], [3, 3]);
});

Deno.test("pump() calls stop() once when it is aborted, and takes in what comes after that", async () => {
  const { reader, decoder, output, stop, run } = pipeline({
    queue: [numbered(0)],
    afterStop: [numbered(1), concat(numbered(2), numbered(3), done())],
    onWait: () => {
      stop.abort();
      queueMicrotask(() => reader.wake());
    },
  });
  await run();
  assertEquals(reader.calls, ["dry", "wait", "dry", "stop", "dry"]);
  assertEquals([decoder.received, decoder.lost, output.stats.written], [4, 0, 4]);
});

Deno.test("pump() calls stop() once, however long it takes in what comes after that", async () => {
  const { decoder, reader, stop } = pipeline({ afterStop: [numbered(0), numbered(1)] });
  const slow: Encoder = {
    encode() {
      const start = performance.now();
      while (performance.now() - start < 15); // longer than a turn
      return 1;
    },
  };
  stop.abort();
  const output = new Output("slow", slow, new MemoryWriter(), { sync: true });
  await pump(reader, decoder, [output], stop.signal);
  assertEquals(reader.calls, ["dry", "stop", "dry"]);
  assertEquals(output.stats.written, 2);
});

Deno.test("pump() with a signal that is aborted already takes in what there is and does not wait", async () => {
  const { reader, output, stop, run } = pipeline({ queue: [BATCH], afterStop: [numbered(2)] });
  stop.abort();
  await run();
  assertEquals(reader.calls, ["dry", "stop", "dry"]);
  assertEquals(output.stats.written, 3);
});

Deno.test("pump() lets timers in when the reader never runs dry, so that an abort is seen", async () => {
  const { reader, decoder, output, stop, run } = pipeline({
    endless: BATCH,
    afterStop: [numbered(2)],
  });
  const start = performance.now();
  setTimeout(() => stop.abort(), 30);
  await run();
  assertLess(performance.now() - start, 5000); // it ends at all
  assertEquals(reader.calls, ["stop", "dry"]);
  assertGreater(decoder.received, 10);
  assertEquals(output.stats.written, decoder.received);
});

Deno.test("pump() flushes when the batch is full, and loses no packet by it", async () => {
  const queue = Array.from({ length: 12_000 }, (_, seq) => numbered(seq)); // 576,000 bytes
  const { output, writer, stop, run } = pipeline({ queue });
  stop.abort();
  await run();
  assertGreater(writer.batches.length, 1);
  assertEquals([output.stats.written, output.stats.bytes], [12_000, 576_000]);
});

Deno.test("pump() waits for a writer that takes waiting", async () => {
  const writer = new MemoryWriter(() => new Promise((resolve) => setTimeout(resolve, 1)));
  const queue = Array.from({ length: 12_000 }, (_, seq) => numbered(seq));
  const { output, stop, run } = pipeline({ queue }, writer);
  stop.abort();
  await run();
  assertEquals(output.stats.written, 12_000);
});

Deno.test("pump() brings every packet to every output", async () => {
  const { output, stop, run } = pipeline({ queue: [BATCH] });
  const other = new Output("other", new PcapEncoder(), new MemoryWriter(), { sync: true });
  stop.abort();
  await run([output, other]);
  assertEquals([output.stats.written, other.stats.written], [2, 2]);
});

Deno.test("pump() leaves the batch of an output that is not sync to be filled further", async () => {
  const { reader, output, writer, stop, run } = pipeline(
    {
      queue: [numbered(0)],
      onWait: () => {
        assertEquals(writer.batches, []);
        stop.abort();
        queueMicrotask(() => reader.wake());
      },
    },
    new MemoryWriter(),
    false,
  );
  await run();
  await output.close();
  assertEquals(output.stats.written, 1);
});

Deno.test("pump() fails when an output fails", async () => {
  const { output, stop, run } = pipeline({ queue: [BATCH] }, new MemoryWriter(diskFull));
  stop.abort();
  await assertRejects(() => run(), OutputError, "no space left on device");
  assertEquals(output.stats.failed, 2);
});

Deno.test("pump() passes over damaged packets and goes on", async () => {
  const torn = numbered(1).slice(0, 30);
  const { decoder, output, stop, run } = pipeline({ queue: [numbered(0), torn, numbered(2)] });
  stop.abort();
  await run();
  assertEquals([decoder.received, decoder.malformed, decoder.lost], [3, 1, 0]);
  assertEquals(output.stats.written, 2);
});
