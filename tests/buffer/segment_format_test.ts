import { assertEquals } from "@std/assert";
import { queueSegment, readQueueHead } from "../../src/buffer/queue_format.ts";
import {
  compareSegments,
  findFrame,
  FRAME_MOST,
  isWhole,
  parseSegmentName,
  readFrameHead,
  SEGMENT_HEAD,
  segmentHead,
  segmentName,
  startAfter,
  writeFrameHead,
} from "../../src/buffer/segment_format.ts";

const SESSION = "00000000-0000-4000-8000-00000000000a";

/** Returns a frame of so many bytes. */
function frame(length: number, { records = 1, tag = 0, timeMs = 1 } = {}): Uint8Array {
  const bytes = new Uint8Array(length).fill(7);
  const out = new Uint8Array(32 + length);
  writeFrameHead(out, bytes, records, tag, timeMs);
  out.set(bytes, 32);
  return out;
}

Deno.test("A frame's head is read as it was written", () => {
  const bytes = frame(100, { records: 3, tag: 5, timeMs: 1_767_312_000_000 });
  const head = readFrameHead(bytes, 0)!;
  assertEquals({ ...head, crc: 0 }, {
    length: 100,
    records: 3,
    crc: 0,
    timeMs: 1_767_312_000_000,
    tag: 5,
  });
  assertEquals(isWhole(head, bytes.subarray(32)), true);
  assertEquals(isWhole(head, bytes.subarray(32, 131)), false);
});

Deno.test("The layout of heads is that of spools that exist", () => {
  assertEquals(
    frame(4, { records: 2, timeMs: 1_767_312_000_000 }).toHex(),
    "4e46524d040000000200000044f2f96800004010c0b779420000000046c244c0" +
      "07070707",
  );
  const head = segmentHead({ session: SESSION, base: 3 });
  assertEquals(head.length, SEGMENT_HEAD);
  assertEquals(
    head.toHex(),
    "4e4653504f4f4c310000000000004000800000000000000a" +
      "0000000000000840000000000000000000000000e1252482",
  );
});

Deno.test("A frame's head with a byte changed, or cut off, is damage", () => {
  const bytes = frame(10);
  for (let at = 0; at < 32; at++) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1;
    assertEquals(readFrameHead(damaged, 0), undefined, `byte ${at}`);
    assertEquals(readFrameHead(bytes.subarray(0, at), 0), undefined, `${at} bytes`);
  }
});

Deno.test("A frame's head that nfscribe cannot have written is damage", () => {
  assertEquals(readFrameHead(frame(100, { records: 100 }), 0)?.records, 100);
  assertEquals(readFrameHead(frame(100, { records: 0, tag: 1 }), 0)?.records, 0);
  for (
    const numbers of [
      { records: 0 },
      { records: 101 },
      { timeMs: NaN },
      { timeMs: 1e300 },
      { timeMs: -1 },
    ]
  ) {
    assertEquals(readFrameHead(frame(100, numbers), 0), undefined, JSON.stringify(numbers));
  }
  assertEquals(readFrameHead(frame(FRAME_MOST + 1), 0), undefined);
});

Deno.test("The next frame is found behind damage", () => {
  const bytes = new Uint8Array([...new TextEncoder().encode("NNFRM"), ...frame(10), ...frame(10)]);
  assertEquals(findFrame(bytes, 0), 5);
  assertEquals(findFrame(bytes, 5), 47);
  assertEquals(findFrame(bytes, 47), undefined);
});

Deno.test("Names of segments are read as they were written, and sort in their order", () => {
  const segments = [[1, 0], [1, 100], [2, 0]].map(([startMs, base]) => {
    const segment = { startMs: startMs!, session: SESSION, base: base! };
    return { ...segment, name: segmentName(segment) };
  });
  for (const { name, ...segment } of segments) assertEquals(parseSegmentName(name), segment);
  const old = [queueSegment("0000000002"), queueSegment("999999999999999")];
  assertEquals([...segments].reverse().concat(old).sort(compareSegments), [...old, ...segments]);
});

Deno.test("Other names are none of a segment", () => {
  const good = segmentName({ startMs: 1, session: SESSION, base: 0 });
  for (
    const name of [
      "",
      "x",
      `${good}0`,
      good.replace("-", "_"),
      good.replace(/0{16}$/, "9".repeat(16)),
    ]
  ) {
    assertEquals(parseSegmentName(name), undefined, name);
  }
  assertEquals(parseSegmentName(`9${good}`)?.startMs, Number.MAX_SAFE_INTEGER);
});

Deno.test("A session starts after others, also where the clock was set back", () => {
  assertEquals(startAfter(undefined, 5), 5);
  assertEquals(startAfter(3, 5), 5);
  assertEquals(startAfter(7, 5), 8);
  assertEquals(startAfter(-1e14, 5), 5);
  assertEquals(startAfter(Number.MAX_SAFE_INTEGER, 5), Number.MAX_SAFE_INTEGER);
});

Deno.test("A queue's frame head is bounded", () => {
  const head = (...words: number[]) =>
    readQueueHead(new Uint8Array(new Uint32Array(words).buffer), 0);
  assertEquals(head(9, 2, 1, 3), { length: 9, records: 2, crc: 3, timeMs: 0, tag: 2 });
  assertEquals(head(9, 0, 0xffff_ffff, 3)?.tag, 0xffff_ffff);
  for (const words of [[0, 0, 0, 0], [600_000, 1, 0, 0], [9, 10, 0, 0], [9, 1, 10, 0], [9, 1, 0]]) {
    assertEquals(head(...words), undefined, String(words));
  }
});
