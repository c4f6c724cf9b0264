/**
 * Cuts batches of a spool into runs of frames, each of which becomes messages. A run that was sent
 * must be cut in the same way when it is sent again: then the same identifiers stand for the same
 * records. So the ends of runs are noted before they are sent, and hold for each resend. Pure.
 */

import type { Batch } from "../../buffer/segment_batch.ts";
import { FRAME_HEAD } from "../../buffer/segment_format.ts";
import { LOSS_TAG } from "../delivery/losses.ts";

/** Frames whose records are sent together. */
export interface Run {
  /** Position of the first frame in the session, and behind the last one. */
  from: number;
  to: number;
  /** Number of the records, by the frames' heads. */
  records: number;
  /** Frames of records. */
  frames: { bytes: Uint8Array; records: number }[];
  /** Frames of losses, in front of the records. */
  losses: Uint8Array[];
}

/** Runs of a batch. */
export interface Runs {
  runs: Run[];
  /** Position behind the last one. */
  to: number;
}

/**
 * Cuts a batch.
 *
 * @param batch The frames.
 * @param ends Ends of runs that may have been sent, in ascending order.
 * @param limit Most bytes of a run of several frames.
 * @returns Runs; frames at the end whose run, by its noted end, is not whole in this batch are left
 *   out, unless it is the only one.
 */
export function cutRuns(
  { frames, heads }: Pick<Batch, "frames" | "heads">,
  ends: readonly number[],
  limit: number,
): Runs {
  const noted = new Set(ends);
  const lastNoted = ends.at(-1) ?? 0;
  const runs: Run[] = [];
  let bytes = 0;
  for (const [index, frame] of frames.entries()) {
    const { tag, records, end, length } = heads[index]!;
    const isLoss = tag === LOSS_TAG;
    let run = runs.at(-1);
    const begins = run === undefined || noted.has(run.to) ||
      run.to >= lastNoted && (bytes + length > limit || isLoss && run.frames.length > 0);
    if (begins) {
      run = { from: end - FRAME_HEAD - length, to: end, records: 0, frames: [], losses: [] };
      runs.push(run);
      bytes = 0;
    }
    run!.to = end;
    bytes += length;
    if (isLoss) {
      run!.losses.push(frame);
    } else {
      run!.frames.push({ bytes: frame, records });
      run!.records += records;
    }
  }
  const last = runs.at(-1);
  const isPart = last !== undefined && last.to < lastNoted && !noted.has(last.to);
  if (isPart && runs.length > 1) runs.pop();
  return { runs, to: runs.at(-1)?.to ?? 0 };
}
