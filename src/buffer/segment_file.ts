/** Reads parts of a segment's file. */

import { isForGood, openRegular } from "../files/set_aside.ts";
import { headSize, readHead } from "./queue_format.ts";
import type { FrameHead, Segment } from "./segment_format.ts";

/**
 * Counts the records between two offsets of a segment, by the heads of its frames.
 *
 * @returns As many as the heads lead to; 0 if the file is gone.
 */
export function countRecords(path: string, segment: Segment, from: number, to: number): number {
  try {
    using file = openRegular(path);
    return countIn(file, segment, from, to);
  } catch (error) {
    if (!isForGood(error)) throw error;
    return 0;
  }
}

/** Counts the records of an open segment between two offsets, up to the first damage. */
export function countIn(file: Deno.FsFile, segment: Segment, from: number, to: number): number {
  let records = 0;
  for (let at = from; at < to;) {
    const head = headAt(file, segment, at);
    at += headSize(segment) + (head?.length ?? Infinity);
    if (at <= to) records += head!.records;
  }
  return records;
}

/** Makes a file last a power failure; one that is gone is left. */
export async function syncFile(path: string): Promise<void> {
  try {
    using file = openRegular(path);
    await file.syncData();
  } catch (error) {
    // What is wrong with it shows when it is read.
    if (!isForGood(error)) throw error;
  }
}

/** Reads the head of the frame at an offset. */
export function headAt(file: Deno.FsFile, segment: Segment, at: number): FrameHead | undefined {
  return readHead(segment, readAt(file, new Uint8Array(headSize(segment)), at), 0);
}

/** Reads bytes at an offset, as many as there are. */
export function readAt(file: Deno.FsFile, out: Uint8Array, offset: number): Uint8Array {
  file.seekSync(offset, Deno.SeekMode.Start);
  let read = 0;
  for (let count: number | null = 0; count !== null && read < out.length; read += count ?? 0) {
    count = file.readSync(out.subarray(read));
  }
  return out.subarray(0, read);
}
