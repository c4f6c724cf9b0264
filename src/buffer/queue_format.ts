/**
 * Format of queues before the segment log: numbered files of frames, each with a head of four
 * words (length, packets, lines of the script's own, CRC-32). It is read, not written. Pure.
 */

import { FRAME_HEAD, type FrameHead, readFrameHead, type Segment } from "./segment_format.ts";

/** Bytes of a frame's head. */
const QUEUE_HEAD = 16;
/** Most bytes of a frame's records. */
const FRAME_MOST = 512 * 1024;
/** In the place of the count of lines: the frame holds the note of a loss. */
const LOSS = 0xffff_ffff;

/** Returns whether a name is that of a queue's file. */
export function isQueueFile(name: string): boolean {
  return /^\d{10,15}$/.test(name);
}

/** Returns a queue's file as a segment: a session of its own, before every session of the log. */
export function queueSegment(name: string): Segment {
  return { name, startMs: Number(name) - 1e15, session: name, base: 0 };
}

/** Reads the frame's head at an offset; undefined for none that nfscribe can have written. */
export function readQueueHead(bytes: Uint8Array, at: number): FrameHead | undefined {
  if (at + QUEUE_HEAD > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, QUEUE_HEAD);
  const [length, records, lines] = [0, 4, 8].map((field) => view.getUint32(field, true));
  if (length === 0 || length! > FRAME_MOST || records! > length!) return undefined;
  if (lines !== LOSS && lines! > length!) return undefined;
  const tag = lines === LOSS ? LOSS : lines! + 1;
  return { length: length!, records: records!, crc: view.getUint32(12, true), timeMs: 0, tag };
}

/** Returns the bytes of a frame's head in a segment. */
export function headSize({ name }: Segment): number {
  return isQueueFile(name) ? QUEUE_HEAD : FRAME_HEAD;
}

/** Reads a frame's head in a segment; undefined for none that nfscribe can have written. */
export function readHead({ name }: Segment, bytes: Uint8Array, at: number): FrameHead | undefined {
  return isQueueFile(name) ? readQueueHead(bytes, at) : readFrameHead(bytes, at);
}
