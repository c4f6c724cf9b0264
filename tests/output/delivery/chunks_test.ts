import { assertEquals } from "@std/assert";
import type { Batch } from "../../../src/buffer/segment_batch.ts";
import { trimOpen } from "../../../src/buffer/segment_batch.ts";
import {
  ChunkFrame,
  chunkTag,
  endFrame,
  isOpenChunk,
  splitChunks,
} from "../../../src/output/delivery/chunks.ts";
import { LOSS_TAG } from "../../../src/output/delivery/losses.ts";
import type { Origin } from "../../../src/record/origin.ts";

const { ROWS, LOSS, END } = ChunkFrame;

function originOf(from: number, fields: Partial<Origin> = {}): Origin {
  const session = "11111111-1111-4111-8111-111111111111";
  const place = { from, part: 0, chunk: 0 };
  return {
    session,
    lane: "host.fw.packet",
    ...place,
    previous: undefined,
    isLast: true,
    ...fields,
  };
}

/** Returns a batch of frames: bytes, tag, records. */
function batchOf(frames: readonly (readonly [Uint8Array | string, number, number?])[]): Batch {
  let end = 48;
  const bytes = frames.map(([frame]) =>
    typeof frame === "string" ? new TextEncoder().encode(frame) : frame
  );
  const heads = frames.map(([, tag, records = 0], index) => {
    const { length } = bytes[index]!;
    end += 32 + length;
    return { tag, records, length, crc: 0, timeMs: 0, end };
  });
  const records = heads.reduce((sum, { records }) => sum + records, 0);
  return { session: "", from: 48, to: end, records, frames: bytes, heads };
}

const texts = (frames: readonly Uint8Array[]) =>
  frames.map((frame) => new TextDecoder().decode(frame));

Deno.test("splitChunks() takes whole chunks out, with their rows and losses", () => {
  const { others, chunks, discarded } = splitChunks(batchOf([
    ["row", 0, 1],
    ["loss", LOSS_TAG],
    ["a", chunkTag(ROWS, 1), 2],
    ["lost", chunkTag(LOSS, 1)],
    ["b", chunkTag(ROWS, 1), 3],
    [endFrame(originOf(100)), chunkTag(END, 1)],
    [endFrame(originOf(200, { previous: { from: 100, part: 0, chunk: 0 } })), chunkTag(END, 2)],
    ["c", chunkTag(ROWS, 3), 1],
    [endFrame(originOf(300, { part: 2, chunk: 4, isLast: false })), chunkTag(END, 3)],
  ]));
  assertEquals(texts(others.frames), ["row", "loss"]);
  assertEquals(others.heads.map(({ tag }) => tag), [0, LOSS_TAG]);
  assertEquals(discarded, 0);
  assertEquals(
    chunks.map(({ rows, losses, records }) => [texts(rows), texts(losses), records]),
    [[["a", "b"], ["lost"], 5], [[], [], 0], [["c"], [], 1]],
  );
  assertEquals(chunks.map(({ origin }) => origin), [
    originOf(100),
    originOf(200, { previous: { from: 100, part: 0, chunk: 0 } }),
    originOf(300, { part: 2, chunk: 4, isLast: false }),
  ]);
});

Deno.test("splitChunks() discards rows without the end of their chunk", () => {
  const { others, chunks, discarded } = splitChunks(batchOf([
    ["a", chunkTag(ROWS, 1), 2],
    ["row", 0, 1],
    ["b", chunkTag(ROWS, 2), 4],
    [endFrame(originOf(100)), chunkTag(END, 2)],
    ["c", chunkTag(ROWS, 3), 8],
    ["lost", chunkTag(LOSS, 3)],
  ]));
  assertEquals([texts(others.frames), discarded], [["row"], 10]);
  assertEquals(chunks.map(({ rows }) => texts(rows)), [["b"]]);
});

Deno.test("splitChunks() believes no end that nfscribe has not written", () => {
  const strange = [
    "",
    "{}",
    "\xff",
    JSON.stringify({ ...originOf(1), session: "a'; DROP TABLE packets" }),
    JSON.stringify({ ...originOf(1), lane: "caf\u00e9" }),
    JSON.stringify({ ...originOf(1), lane: "x".repeat(401) }),
    JSON.stringify({ ...originOf(1), from: -1 }),
    JSON.stringify({ ...originOf(1), part: 0.5 }),
    JSON.stringify({ ...originOf(1), chunk: 2 ** 60 }),
  ];
  for (const end of strange) {
    const batch = batchOf([["a", chunkTag(ROWS, 1), 2], [end, chunkTag(END, 1)]]);
    const { chunks, discarded } = splitChunks(batch);
    assertEquals([chunks, discarded], [[], 2], end);
  }
  // A predecessor that does not come before tells nothing.
  const wrong = originOf(5, { previous: { from: 5, part: 0, chunk: 0 } });
  const { chunks: [chunk] } = splitChunks(batchOf([[endFrame(wrong), chunkTag(END, 1)]]));
  assertEquals(chunk!.origin.previous, undefined);
});

Deno.test("chunkTag() tells neighbours apart, also where numbers begin again", () => {
  for (const number of [1, 2 ** 28 - 1, 2 ** 28, 2 ** 40 + 7]) {
    for (const contents of [ROWS, LOSS, END]) {
      const tag = chunkTag(contents, number);
      assertEquals([tag >>> 0, isOpenChunk(tag)], [tag, contents !== END]);
    }
  }
  assertEquals([isOpenChunk(0), isOpenChunk(LOSS_TAG)], [false, false]);
});

Deno.test("trimOpen() ends a batch behind a whole chunk", () => {
  const batch = batchOf([
    ["row", 0, 1],
    [endFrame(originOf(100)), chunkTag(END, 1)],
    ["a", chunkTag(ROWS, 2), 2],
    ["b", chunkTag(ROWS, 2), 2],
  ]);
  const end = batch.heads[1]!.end;
  trimOpen(batch, isOpenChunk);
  assertEquals([batch.frames.length, batch.heads.length, batch.records, batch.to], [2, 2, 1, end]);
  const open = batchOf([["a", chunkTag(ROWS, 1), 2]]);
  trimOpen(open, isOpenChunk);
  assertEquals([open.frames.length, open.records, open.to], [0, 0, open.from]);
});
