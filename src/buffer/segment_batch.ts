/** Frames of a segment log that are delivered together. */

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
