import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { noStats, Output } from "../../src/output/output.ts";
import { type Encoder, NO_ROOM, UNFIT } from "../../src/record/encoder.ts";
import type { RawPacket } from "../../src/packet/raw_packet.ts";
import { rawPacket } from "../packet/sample.ts";
import { diskFull, MemoryWriter } from "./memory_writer.ts";

/** An encoder whose record is one byte, the mark; a packet without mark is unfit. */
const byMark: Encoder<RawPacket> = {
  encode({ mark }, out, at) {
    if (mark < 0) return UNFIT;
    if (at === out.length) return NO_ROOM;
    out[at] = mark;
    return 1;
  },
};

/** An encoder whose record is 100 KiB. */
const large: Encoder<RawPacket> = {
  encode(_packet, out, at) {
    return at + 102_400 > out.length ? NO_ROOM : 102_400;
  },
};

const marked = (mark: number) => rawPacket(undefined, { mark });
const NOTHING = noStats();

Deno.test("take() collects records, and flush() writes them in one batch", () => {
  const writer = new MemoryWriter();
  const output = new Output("test", byMark, writer, { sync: true });
  assertEquals([1, 2, 3].map((mark) => output.take(marked(mark))), [1, 1, 1]);
  assertEquals(output.stats, NOTHING);
  assertEquals(output.flush(), undefined);
  assertEquals(writer.batches, [new Uint8Array([1, 2, 3])]);
  assertEquals(output.stats, { ...NOTHING, written: 3, bytes: 3 });
});

Deno.test("flush() without packets writes nothing", () => {
  const writer = new MemoryWriter();
  const output = new Output("test", byMark, writer, { sync: true });
  output.flush();
  output.take(marked(1));
  output.flush();
  output.flush();
  assertEquals(writer.batches.length, 1);
});

Deno.test("A batch begins anew after it was written", () => {
  const writer = new MemoryWriter();
  const output = new Output("test", byMark, writer, { sync: true });
  for (const mark of [1, 2]) {
    output.take(marked(mark));
    output.flush();
  }
  assertEquals(writer.batches, [new Uint8Array([1]), new Uint8Array([2])]);
  assertEquals(output.stats, { ...NOTHING, written: 2, bytes: 2 });
});

Deno.test("take() is NO_ROOM when the batch is full, and has room after flush()", () => {
  const output = new Output("test", large, new MemoryWriter(), { sync: true });
  const results = Array.from({ length: 6 }, () => output.take(marked(1)));
  assertEquals(results, [...Array(5).fill(102_400), NO_ROOM]);
  output.flush();
  assertEquals(output.stats, { ...NOTHING, written: 5, bytes: 512_000 });
  assertEquals(output.take(marked(1)), 102_400);
});

Deno.test("An unfit packet counts as failed, and the first one is reported", () => {
  const reported: RawPacket[] = [];
  const writer = new MemoryWriter();
  const onUnfit = (packet: RawPacket) => reported.push(packet);
  const output = new Output("test", byMark, writer, { sync: true, onUnfit });
  const first = marked(-1);
  assertEquals([output.take(first), output.take(marked(-1))], [UNFIT, UNFIT]);
  output.take(marked(7));
  output.flush();
  assertEquals(reported.length, 1);
  assertEquals(reported[0] === first, true);
  assertEquals(output.stats, { ...NOTHING, written: 1, bytes: 1, failed: 2 });
});

Deno.test("While a write takes waiting, take() is NO_ROOM and flush() is that same write", async () => {
  const room = Promise.withResolvers<void>();
  const writer = new MemoryWriter(() => room.promise);
  const output = new Output("test", byMark, writer, { sync: true });
  output.take(marked(1));
  const writing = output.flush();
  assertEquals(output.take(marked(2)), NO_ROOM);
  assertEquals(output.flush() === writing, true);
  assertEquals(output.stats, NOTHING); // nothing is written before
  room.resolve();
  await writing;
  assertEquals(output.stats, { ...NOTHING, written: 1, bytes: 1 });
  assertEquals(output.take(marked(2)), 1);
  await output.flush();
  assertEquals(writer.batches, [new Uint8Array([1]), new Uint8Array([2])]);
});

Deno.test("A write that throws fails its packets, and the next batch begins anew", () => {
  let full = true;
  const writer = new MemoryWriter(() => full ? diskFull() : undefined);
  const output = new Output("test", byMark, writer, { sync: true });
  output.take(marked(1));
  output.take(marked(2));
  assertThrows(() => output.flush(), OutputError, "no space left on device");
  assertEquals(output.stats, { ...NOTHING, failed: 2 });
  full = false;
  output.take(marked(3));
  output.flush();
  assertEquals(writer.batches, [new Uint8Array([3])]);
  assertEquals(output.stats, { ...NOTHING, failed: 2, written: 1, bytes: 1 });
});

Deno.test("A write that rejects fails its packets, and the next batch begins anew", async () => {
  let full = true;
  const writer = new MemoryWriter(() => full ? Promise.reject(new Error("gone")) : undefined);
  const output = new Output("test", byMark, writer, { sync: true });
  output.take(marked(1));
  await assertRejects(() => Promise.resolve(output.flush()), Error, "gone");
  assertEquals(output.stats, { ...NOTHING, failed: 1 });
  full = false;
  assertEquals(output.take(marked(3)), 1);
  await output.flush();
  assertEquals(output.stats, { ...NOTHING, failed: 1, written: 1, bytes: 1 });
});

Deno.test("close() writes what is left and closes the writer", async () => {
  const writer = new MemoryWriter();
  const output = new Output("test", byMark, writer, { sync: false });
  output.take(marked(1));
  await output.close();
  assertEquals([writer.batches.length, writer.closed], [1, 1]);
  assertEquals(output.stats.written, 1);
});

Deno.test("close() closes the writer even where what is left cannot be written", async () => {
  const writer = new MemoryWriter(diskFull);
  const output = new Output("test", byMark, writer, { sync: false });
  output.take(marked(1));
  await assertRejects(() => output.close(), OutputError, "no space left");
  assertEquals([writer.closed, output.stats.failed], [1, 1]);
});

Deno.test("The end of an `await using` block closes the writer", async () => {
  const writer = new MemoryWriter();
  {
    await using output = new Output("test", byMark, writer, { sync: false });
    output.take(marked(1));
  }
  assertEquals([writer.batches.length, writer.closed], [1, 1]);
});

Deno.test("stats is a picture of its moment", () => {
  const output = new Output("test", byMark, new MemoryWriter(), { sync: true });
  const before = output.stats;
  output.take(marked(1));
  output.flush();
  assertEquals([before.written, output.stats.written], [0, 1]);
});
