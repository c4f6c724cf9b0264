/** Frames of a segment log that are delivered together. Pure. */

import type { FrameHead } from "./segment_format.ts";

/** Frames to be delivered together. Their bytes are valid until the next batch is read. */
export interface Batch {
  /** The session that appended them. */
  session: string;
  /** Positions of their beginning and end in all that it has appended. */
  from: number;
  to: number;
  /** Number of their records. */
  records: number;
  /** The records, frame by frame; the head before each may be overwritten. */
  frames: Uint8Array[];
  /** Head of each frame, and the position behind it. */
  heads: (FrameHead & { end: number })[];
}

/** Returns whether a batch ends behind a frame that others belong to. */
export function endsOpen({ heads }: Batch, isOpen: (tag: number) => boolean): boolean {
  const last = heads.at(-1);
  return last !== undefined && isOpen(last.tag);
}

/** Takes frames off the end of a batch until it ends behind one that no other belongs to. */
export function trimOpen(batch: Batch, isOpen: (tag: number) => boolean): void {
  const { heads, frames } = batch;
  if (!endsOpen(batch, isOpen)) return;
  const kept = heads.findLastIndex(({ tag }) => !isOpen(tag)) + 1;
  heads.length = frames.length = kept;
  batch.records = heads.reduce((sum, { records }) => sum + records, 0);
  batch.to = heads.at(-1)?.end ?? batch.from;
}
