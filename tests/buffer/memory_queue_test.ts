import { assert, assertEquals } from "@std/assert";
import { MemoryQueue, PIECE_SIZE } from "../../src/buffer/memory_queue.ts";
import { Random } from "../fuzz/random.ts";

const ONE = { packets: 1, emitted: 0 };

function lossOf(source: string, packets: number) {
  return { source, packets, seconds: 1, nanoseconds: 0 };
}

/** Takes out everything: the bytes, and losses as negative numbers. */
function drain(queue: MemoryQueue): number[] {
  const out: number[] = [];
  for (let first = queue.first; first !== undefined; first = queue.first) {
    if (first.loss === undefined) out.push(...first.bytes);
    else out.push(-first.loss.packets);
    queue.shift();
  }
  return out;
}

Deno.test("What waits is a copy, in order, and counted", () => {
  const queue = new MemoryQueue(PIECE_SIZE);
  const bytes = Uint8Array.of(1, 2);
  queue.push(bytes, { packets: 2, emitted: 1 });
  bytes.fill(9);
  queue.push(Uint8Array.of(3), ONE);
  const { packets, emitted } = queue.first!;
  assertEquals([packets, emitted, queue.packets], [3, 1, 3]);
  assertEquals(drain(queue), [1, 2, 3]);
  assertEquals([queue.packets, queue.isEmpty], [0, true]);
});

Deno.test("Bytes that were taken stay as they are while more comes", () => {
  const queue = new MemoryQueue(4 * PIECE_SIZE);
  queue.push(Uint8Array.of(1), ONE);
  const { bytes } = queue.first!;
  queue.push(Uint8Array.of(2), ONE);
  assertEquals([...bytes], [1]);
  assertEquals(drain(queue), [1, 2]);
});

Deno.test("Memory that was used is used again, and never shows what it held before", () => {
  const queue = new MemoryQueue(2 * PIECE_SIZE);
  queue.push(new Uint8Array(PIECE_SIZE).fill(7), ONE);
  const before = queue.first!.bytes.buffer;
  queue.shift();
  queue.push(Uint8Array.of(8), ONE);
  const { bytes } = queue.first!;
  assertEquals([bytes.buffer === before, ...bytes], [true, 8] as unknown[]);
});

Deno.test("The queue is bounded, one batch more than asked for at the most", () => {
  for (const pieces of [0, 1, 2, 5]) {
    const queue = new MemoryQueue(pieces * PIECE_SIZE);
    const whole = new Uint8Array(PIECE_SIZE);
    let taken = 0;
    while (queue.push(whole, ONE)) taken++;
    assertEquals(taken, Math.max(1, pieces) + 1);
    assert(!queue.push(Uint8Array.of(1), ONE));
    queue.shift();
    assert(queue.push(Uint8Array.of(1), ONE));
  }
});

Deno.test("Losses are noted where they happened, those of one source in a row together", () => {
  const queue = new MemoryQueue(4 * PIECE_SIZE);
  queue.push(Uint8Array.of(1), ONE);
  queue.pushLoss(lossOf("a", 3));
  queue.pushLoss(lossOf("a", 4));
  queue.push(Uint8Array.of(2), ONE);
  queue.pushLoss(lossOf("a", 5));
  queue.pushLoss(lossOf("b", 6));
  assertEquals(drain(queue), [1, -7, 2, -5, -6]);
});

Deno.test("A loss that is being written is not added to", () => {
  const queue = new MemoryQueue(PIECE_SIZE);
  queue.pushLoss(lossOf("a", 3));
  assertEquals(queue.first!.loss!.packets, 3);
  queue.pushLoss(lossOf("a", 4));
  assertEquals(drain(queue), [-3, -4]);
});

Deno.test("Sources that lose in turns take no more memory the longer it lasts", () => {
  const queue = new MemoryQueue(PIECE_SIZE);
  for (let n = 0; n < 10_000; n++) queue.pushLoss(lossOf(n % 2 === 0 ? "a" : "b", 1));
  assertEquals(drain(queue), [-5000, -5000]);
});

Deno.test("Any order of putting in and taking out keeps bytes and counts", () => {
  const random = new Random(3);
  const queue = new MemoryQueue(3 * PIECE_SIZE);
  const expected: number[] = [];
  const seen: number[] = [];
  let next = 0;
  for (let step = 0; step < 5000; step++) {
    if (random.below(3) > 0) {
      const bytes = Uint8Array.from({ length: 1 + random.below(5) }, () => next++ & 0xff);
      if (queue.push(bytes, { packets: bytes.length, emitted: 0 })) expected.push(...bytes);
    } else if (!queue.isEmpty) {
      seen.push(...queue.first!.bytes);
      queue.shift();
    }
    assertEquals(queue.packets, expected.length - seen.length);
  }
  seen.push(...drain(queue));
  assertEquals(seen, expected);
});
