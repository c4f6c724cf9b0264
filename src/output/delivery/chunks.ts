/**
 * Chunks of messages on their way through the spool: the frames of a chunk are tagged with its
 * number, and a last frame holds its origin. Rows without that frame are not loaded. Pure.
 */

import type { Batch } from "../../buffer/segment_batch.ts";
import type { FrameHead } from "../../buffer/segment_format.ts";
import { type ChunkPlace, LANE_MOST, type Origin } from "../../record/origin.ts";

/** Contents of a frame of a chunk: the lowest bits of its tag, below the chunk's number. */
export const ChunkFrame = { ROWS: 2, LOSS: 3, END: 4 } as const;
type ChunkFrame = typeof ChunkFrame[keyof typeof ChunkFrame];

const NUMBER_SHIFT = 4;
const CONTENTS = (1 << NUMBER_SHIFT) - 1;
/** Chunks until numbers begin again; only neighbours in a spool need to differ. */
const NUMBERS = 2 ** (32 - NUMBER_SHIFT);

/** Returns the tag of a frame of the chunk that a session spooled as the so-manieth one. */
export function chunkTag(contents: ChunkFrame, number: number): number {
  return (number % NUMBERS) * 2 ** NUMBER_SHIFT + contents;
}

/** Returns whether a frame is one of a chunk, and not its last one. */
export function isOpenChunk(tag: number): boolean {
  const contents = tag & CONTENTS;
  return contents === ChunkFrame.ROWS || contents === ChunkFrame.LOSS;
}

/** Returns the bytes of a chunk's last frame. */
export function endFrame({ session, lane, from, part, chunk, previous, isLast }: Origin) {
  return new TextEncoder().encode(
    JSON.stringify({ session, lane, from, part, chunk, previous, isLast }),
  );
}

/** Frames of some contents. */
export interface Frames {
  frames: Uint8Array[];
  heads: Pick<FrameHead, "tag">[];
}

/** A chunk in a batch. */
export interface Chunk {
  origin: Origin;
  /** Number of its records. */
  records: number;
  /** Frames of rows. */
  rows: Uint8Array[];
  /** Frames of losses. */
  losses: Uint8Array[];
}

/** A batch whose chunks are apart. */
export interface ChunkedBatch {
  /** Frames of no chunk. */
  others: Frames;
  /** Whole chunks, in their order. */
  chunks: Chunk[];
  /** Number of records of chunks that are not whole. */
  discarded: number;
}

/** Takes the chunks out of a batch. */
export function splitChunks({ frames, heads }: Batch): ChunkedBatch {
  const split: ChunkedBatch = { others: { frames, heads }, chunks: [], discarded: 0 };
  if (heads.every(({ tag }) => tag <= CONTENTS)) return split;
  split.others = { frames: [], heads: [] };
  let open: { number: number; records: number; rows: Uint8Array[]; losses: Uint8Array[] } = none();
  for (const [index, frame] of frames.entries()) {
    const { tag, records } = heads[index]!;
    if (tag <= CONTENTS) {
      split.others.frames.push(frame);
      split.others.heads.push(heads[index]!);
      continue;
    }
    const [number, contents] = [Math.floor(tag / 2 ** NUMBER_SHIFT), tag & CONTENTS];
    if (number !== open.number) {
      split.discarded += open.records;
      open = none(number);
    }
    if (contents === ChunkFrame.ROWS) {
      open.rows.push(frame);
      open.records += records;
    } else if (contents === ChunkFrame.LOSS) {
      open.losses.push(frame);
    } else {
      const origin = contents === ChunkFrame.END ? parseEnd(frame) : undefined;
      if (origin !== undefined) {
        const { rows, losses, records } = open;
        split.chunks.push({ origin, rows, losses, records });
        open = none();
      }
    }
  }
  split.discarded += open.records;
  return split;
}

function none(number = -1) {
  return { number, records: 0, rows: [], losses: [] };
}

/** Parses a chunk's last frame; undefined for bytes that nfscribe has not written. */
function parseEnd(frame: Uint8Array): Origin | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(frame);
    const { session, lane, isLast, previous, ...place } = JSON.parse(text);
    if (!isPlace(place) || !isUuid(session) || !isLane(lane)) return undefined;
    const { from, part, chunk } = place;
    const before = isPlace(previous) && comparePlaces(previous, place) < 0 ? previous : undefined;
    return { session, lane, from, part, chunk, previous: before, isLast: isLast === true };
  } catch {
    return undefined;
  }
}

function isUuid(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

function isLane(text: unknown): text is string {
  return typeof text === "string" && text.length <= LANE_MOST && /^[\x20-\x7e]*$/.test(text);
}

function isPlace(value: unknown): value is ChunkPlace {
  if (typeof value !== "object" || value === null) return false;
  const { from, part, chunk } = value as Record<string, unknown>;
  return [from, part, chunk].every((number) =>
    Number.isSafeInteger(number) && (number as number) >= 0
  );
}

/** Compares places of chunks in a lane. */
export function comparePlaces(one: ChunkPlace, other: ChunkPlace): number {
  return one.from - other.from || one.part - other.part || one.chunk - other.chunk;
}
