/**
 * File of a queue on disk, a sequence of frames:
 *     length │ packets │ lines of the script itself │ CRC-32 │ records │ length │ …
 *     length │ packets │ lines of the script's own │ CRC-32 │ records │ length │ …
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { isForGood, openRegular } from "../files/set_aside.ts";
import type { Loss } from "../record/loss.ts";
import { type Batch, PIECE_SIZE, type Waiting } from "./memory_queue.ts";

/** Bytes before a frame's records: four words, in the host's byte order. */
export const FRAME_HEAD = 16;
/** Limit of a frame's records, in bytes; a larger length means damage. */
const FRAME_MOST = PIECE_SIZE;
/** Length from which on a file takes no more frames, in bytes. */
const FILE_SIZE = 8 * 1024 * 1024;
/** Limit of a file, in bytes; what follows is damage. */
const FILE_MOST = FILE_SIZE + FRAME_HEAD + FRAME_MOST;

/** Count of lines that marks a frame with the note of a loss, as JSON. */
const LOSS = 0xffff_ffff;

/** Numbers of a frame's head. */
interface Head extends Batch {
  length: number;
  crc: number;
}

/** Frame that was read. */
export interface Frame extends Waiting {
  /** Size with its head, in bytes. */
  size: number;
}

/** Bytes after the whole frames of a former run's file. */
export interface Rest {
  /** Number of bytes; 0 for none. */
  bytes: number;
  /** Whether they may be an unfinished frame. */
  isTorn: boolean;
}

/** File of a queue, opened when needed. */
export class QueueFile {
  /** Its path. */
  readonly path: string;
  /** Whether a former run wrote it. */
  readonly isOld: boolean;
  /** Queued packets in it. */
  packets = 0;
  /** Whether a part of it is unreadable. */
  isDamaged = false;
  /** Offset of the next frame to read, and end of the last one. */
  #read = 0;
  #end = 0;
  /** Oldest frame, once it was read. */
  #seen: Frame | undefined;
  #file: Deno.FsFile | undefined;
  /** Memory of the frame that was read last, shared by all files of a queue. */
  readonly #buffer: FrameBuffer;

  private constructor(path: string, isOld: boolean, buffer: FrameBuffer) {
    this.path = path;
    this.isOld = isOld;
    this.#buffer = buffer;
  }

  /** Creates a file. */
  static create(path: string, buffer: FrameBuffer): QueueFile {
    const made = new QueueFile(path, false, buffer);
    made.#file = Deno.openSync(path, { read: true, write: true, createNew: true, mode: 0o640 });
    return made;
  }

  /**
   * Reads a file of a former run.
   *
   * @returns File with its whole frames, and the bytes after them.
   * @throws {NotRegularError} If it is not a regular file.
   */
  static find(path: string, buffer: FrameBuffer): { found: QueueFile; rest: Rest } {
    const found = new QueueFile(path, true, buffer);
    found.#file = openRegular(path);
    try {
      const { size } = found.#file.statSync();
      found.#end = Math.min(size, FILE_MOST);
      let at = 0;
      for (let frame = found.#frameAt(at); frame !== undefined; frame = found.#frameAt(at)) {
        at += frame.size;
        found.packets += frame.packets;
      }
      const isTorn = found.#isCutOff(at) && size <= FILE_MOST;
      found.#end = at;
      return { found, rest: { bytes: size - at, isTorn } };
    } finally {
      found.close();
    }
  }

  /** Queued bytes in it. */
  get bytes(): number {
    return this.#end - this.#read;
  }

  /** Whether further frames can be appended. */
  get hasRoom(): boolean {
    return !this.isOld && !this.isDamaged && this.#end < FILE_SIZE;
  }

  /** Appends a frame of records. */
  append(bytes: Uint8Array, { packets, emitted }: Batch): void {
    const frame = new Uint8Array(FRAME_HEAD + bytes.length);
    frame.set(bytes, FRAME_HEAD);
    new Uint32Array(frame.buffer, 0, 4).set([bytes.length, packets, emitted, crc32(bytes)]);
    writeAt(this.#open(), frame, this.#end);
    this.#end += frame.length;
    this.packets += packets;
  }

  /** Appends the note of a loss. */
  appendLoss(loss: Loss): void {
    const note = new TextEncoder().encode(JSON.stringify(loss));
    this.append(note, { packets: 0, emitted: LOSS });
  }

  /**
   * Oldest frame; undefined if it is permanently unreadable.
   *
   * @throws {Error} If reading fails and may succeed later.
   */
  get first(): Frame | undefined {
    try {
      this.#seen = this.#frameAt(this.#read);
    } catch (error) {
      if (!isForGood(error)) throw error;
      this.#seen = undefined;
    }
    return this.#seen;
  }

  /** Skips the oldest frame; returns false if it cannot be read. */
  shift(): boolean {
    const seen = this.#seen ?? this.first;
    this.#seen = undefined;
    if (seen === undefined) return false;
    this.#read += seen.size;
    this.packets -= seen.packets;
    return true;
  }

  /** Truncates the file after its whole frames. */
  cutOff(): void {
    this.#open().truncateSync(this.#end);
    this.close();
  }

  /** Closes it until it is needed again. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** Reads the frame at an offset; undefined if there is no whole one. */
  #frameAt(at: number): Frame | undefined {
    const head = this.#headAt(at);
    if (head === undefined || at + FRAME_HEAD + head.length > this.#end) return undefined;
    const bytes = this.#buffer.of(head.length);
    const isRead = readAt(this.#open(), bytes, at + FRAME_HEAD);
    if (!isRead || crc32(bytes) !== head.crc) return undefined;
    const { packets, emitted } = head;
    const size = FRAME_HEAD + head.length;
    if (emitted !== LOSS) return { bytes, packets, emitted, size };
    const loss = lossOf(bytes);
    return loss && { bytes: bytes.subarray(0, 0), packets: 0, emitted: 0, loss, size };
  }

  /** Reads the head at an offset; undefined if nfscribe cannot have written it. */
  #headAt(at: number): Head | undefined {
    if (at + FRAME_HEAD > this.#end) return undefined;
    const words = new Uint32Array(4);
    if (!readAt(this.#open(), new Uint8Array(words.buffer), at)) return undefined;
    const [length, packets, emitted, crc] = words as unknown as [number, number, number, number];
    if (length === 0 || length > FRAME_MOST || packets > length) return undefined;
    return emitted === LOSS || emitted <= length ? { length, packets, emitted, crc } : undefined;
  }

  /** Whether the file ends within the frame at this offset. */
  #isCutOff(at: number): boolean {
    if (at + FRAME_HEAD > this.#end) return true;
    const head = this.#headAt(at);
    return head !== undefined && at + FRAME_HEAD + head.length > this.#end;
  }

  #open(): Deno.FsFile {
    return this.#file ??= openRegular(this.path);
  }
}

/** Memory for one frame, as large as the largest so far. */
export class FrameBuffer {
  #bytes = new Uint8Array(0);

  /** Returns the first bytes of the memory. */
  of(length: number): Uint8Array {
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(length);
    return this.#bytes.subarray(0, length);
  }
}

/** Parses the note of a loss; undefined if nfscribe cannot have written it. */
function lossOf(bytes: Uint8Array): Loss | undefined {
  try {
    const { source, packets, seconds, nanoseconds } = JSON.parse(new TextDecoder().decode(bytes));
    const isLoss = typeof source === "string" &&
      [packets, seconds, nanoseconds].every((count) => Number.isSafeInteger(count) && count >= 0);
    return isLoss ? { source, packets, seconds, nanoseconds } : undefined;
  } catch {
    return undefined;
  }
}

function writeAt(file: Deno.FsFile, bytes: Uint8Array, offset: number): void {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** Reads bytes at an offset; returns whether there were enough. */
function readAt(file: Deno.FsFile, bytes: Uint8Array, offset: number): boolean {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) return false;
    at += count;
  }
  return true;
}
