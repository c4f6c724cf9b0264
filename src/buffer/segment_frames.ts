/** Frames in the bytes of a segment, and the damage between them. Pure. */

import { headSize, isQueueFile, readHead } from "./queue_format.ts";
import { type Batch, endsOpen } from "./segment_batch.ts";
import { findFrame, FRAME_HEAD, isWhole, type Segment } from "./segment_format.ts";

/**
 * Takes note of damage.
 *
 * @param position Where it is in all that the session has appended.
 * @param records Records that are lost with it, as far as that is known.
 * @param what What is lost, for a message.
 * @param isTorn Whether a session that was killed may have left it.
 */
export type TakeDamage = (
  position: number,
  records: number,
  what: string,
  isTorn: boolean,
) => void;

/**
 * Takes whole frames into a batch, whose end it moves.
 *
 * @param bytes The part of the segment that was read, from `batch.from` on.
 * @param rest Bytes from there to the segment's end.
 * @param most So many records are enough.
 * @param isOpen Returns whether a frame of this tag must not be the last one.
 */
export function readFrames(
  segment: Segment,
  bytes: Uint8Array,
  rest: number,
  most: number,
  batch: Batch,
  isOpen: (tag: number) => boolean,
  lose: TakeDamage,
): void {
  let next = 0;
  const isEnough = () => batch.records >= most && !endsOpen(batch, isOpen);
  for (let at = -1; at < next && next < bytes.length && !isEnough();) {
    at = next;
    next = readFrame(segment, bytes, at, rest, batch, lose);
    batch.to = batch.from + next;
  }
}

/** Takes a frame; returns where the next one begins, `at` where it was not read to its end. */
function readFrame(
  segment: Segment,
  bytes: Uint8Array,
  at: number,
  rest: number,
  batch: Batch,
  lose: TakeDamage,
): number {
  const head = readHead(segment, bytes, at);
  const start = at + headSize(segment);
  const end = start + (head?.length ?? 0);
  if (end > bytes.length && bytes.length < rest) return at;
  if (head === undefined) return passDamage(segment, bytes, at, rest, batch.from + at, lose);
  const records = bytes.subarray(start, end);
  const next = Math.min(end, bytes.length);
  if (isWhole(head, records)) {
    batch.frames.push(records);
    batch.heads.push({ ...head, end: batch.from + next });
    batch.records += head.records;
  } else {
    lose(batch.from + at, head.records, `${head.records} records are lost`, next < end);
  }
  return next;
}

/** Returns where to go on behind damage: at the next frame, or where one may begin. */
function passDamage(
  segment: Segment,
  bytes: Uint8Array,
  at: number,
  rest: number,
  position: number,
  lose: TakeDamage,
): number {
  const isOld = isQueueFile(segment.name);
  const last = bytes.length < rest ? bytes.length - FRAME_HEAD + 1 : rest;
  const next = isOld ? rest : findFrame(bytes, at) ?? last;
  const isFew = next === rest && rest - at < headSize(segment);
  const few = isFew ? " (less than one frame: no record was whole)" : "";
  const isTorn = isFew || (next === rest && !isOld);
  lose(position, 0, `${next - at} bytes are lost${few}`, isTorn);
  return next;
}
