import { assertEquals } from "@std/assert";
import { LineQueue } from "../../src/terminal/line_queue.ts";
import { Recorder } from "./recorder.ts";

const FAST = { limit: 3, perSecond: Infinity };

Deno.test("Lines come in order, and all before the end", async () => {
  const stream = new Recorder();
  const queue = new LineQueue(stream, { ...FAST, limit: 1000 });
  for (let n = 0; n < 600; n++) queue.put(`${n}`);
  await queue.close();
  assertEquals(stream.text, Array.from({ length: 600 }, (_, n) => `${n}\n`).join(""));
  assertEquals(queue.skipped, 0);
});

Deno.test("LineQueue never blocks its caller: lines without room are skipped, counted and reported", async () => {
  const stream = new Recorder();
  const queue = new LineQueue(stream, { ...FAST, skippedLine: (count) => `${count} skipped` });
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.held = promise;
  for (let n = 0; n < 10; n++) queue.put(`${n}`);
  assertEquals([queue.hasRoom, queue.skipped], [false, 7]);
  queue.note("a note has room");
  resolve();
  await queue.close();
  assertEquals(stream.text, "0\n1\n2\na note has room\n7 skipped\n");
});

Deno.test("A reader who takes nothing holds up no end: what is left counts as skipped", async () => {
  const stream = new Recorder();
  const queue = new LineQueue(stream, { ...FAST, limit: 1000 });
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.held = promise;
  for (let n = 0; n < 500; n++) queue.put(`${n}`);
  queue.note("no packet");
  await queue.close(1);
  assertEquals(queue.skipped, 500);
  resolve();
  await queue.close();
});

Deno.test("A reader that has gone is reported once, and gets nothing more", async () => {
  const stream = new Recorder();
  const gone: unknown[] = [];
  const queue = new LineQueue(stream, { ...FAST, onGone: (error) => gone.push(error) });
  stream.failure = new Deno.errors.BrokenPipe();
  queue.put("one");
  await queue.close();
  queue.put("two");
  queue.note("three");
  await queue.close();
  assertEquals([stream.text, gone, queue.skipped], ["", [stream.failure], 2]);
});
