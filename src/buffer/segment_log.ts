/**
 * A log of records on disk: segment files, to which frames are appended. Another
 * thread may read it meanwhile (`segment_reader.ts`). A receiver stores how far it
 * has a session: the position behind the last batch that has arrived.
 */

import { closeLocked } from "../files/locked_file.ts";
import { isSame, unlessAbsent } from "../files/place.ts";
import type { DeliveryCounters } from "./delivery_counters.ts";
import {
  createSegment,
  openFolder,
  type SegmentFolder,
  type Suffix,
  type Warn,
} from "./segment_folder.ts";
import {
  FRAME_HEAD,
  type Segment,
  SEGMENT_HEAD,
  SEGMENT_SIZE,
  segmentHead,
  segmentName,
  startAfter,
  writeFrameHead,
} from "./segment_format.ts";

/** Interval of checks whether another program has removed the file that grows, in milliseconds. */
const CHECK_MS = 1000;

/** Options of a log's writer and its reader. */
export interface LogOptions {
  /** The folder, used by this log alone. */
  folder: string;
  /** The session that appends: a UUID. */
  session: string;
  /** Numbers that both share. */
  counters: DeliveryCounters;
  /** Reports files that cannot be used, or not to their end. */
  warn: Warn;
}

/** Options of writing a log. */
export interface SegmentLogOptions extends LogOptions {
  /** End of its segments' names. */
  suffix: Suffix;
  /** Most bytes of all its segments. */
  limit: number;
  /** Whether each frame is written to last a power failure. */
  syncsFrames?: boolean;
  /** Called for each segment that is begun. */
  onSegment: (segment: Segment) => void;
}

/** Appends records to a log. */
export class SegmentLog {
  readonly #options: SegmentLogOptions;
  readonly #folder: SegmentFolder;
  readonly #startMs: number;
  readonly #head = new Uint8Array(FRAME_HEAD);
  #file: Deno.FsFile | undefined;
  /** Name of the segment that grows, and when its file was last looked for. */
  #name = "";
  #checkedMs = 0;
  /** Position of the segment that grows, and its size. */
  #base = 0;
  #size = 0;
  /** Bytes in the folder, but for what the reader has freed. */
  #used: number;

  /**
   * Opens a log; its folder is made if it is missing.
   *
   * @throws {OutputError} If it cannot be used.
   */
  constructor(options: SegmentLogOptions) {
    this.#options = options;
    this.#folder = openFolder(options.folder, options.suffix, options.warn);
    this.#used = this.#folder.bytes;
    this.#startMs = startAfter(this.found.at(-1)?.startMs, Date.now());
  }

  /** Segments that earlier sessions have left, in the order of their records. */
  get found(): readonly Segment[] {
    return this.#folder.segments;
  }

  /** Bytes that the log takes. */
  get used(): number {
    return this.#used - this.#options.counters.get("freed");
  }

  /** Returns whether a frame of so many bytes fits, where `passed` bytes of those used count no more. */
  hasRoom(bytes: number, passed = 0): boolean {
    return this.used - passed + FRAME_HEAD + bytes <= this.#options.limit;
  }

  /**
   * Appends a frame, whether there is room or not.
   *
   * @param bytes Whole records.
   * @param records How many they are.
   * @param tag A number for the reader.
   * @throws What the system says; what was there before stays whole.
   */
  write(bytes: Uint8Array, records: number, tag = 0): void {
    const { counters, syncsFrames } = this.#options;
    try {
      const file = this.#segment();
      writeFrameHead(this.#head, bytes, records, tag, Date.now());
      writeAll(file, this.#head);
      writeAll(file, bytes);
      if (syncsFrames) file.syncDataSync();
    } catch (error) {
      this.#cutOff();
      throw error;
    }
    this.#size += FRAME_HEAD + bytes.length;
    this.#used += FRAME_HEAD + bytes.length;
    counters.add("records", records);
    counters.set("end", this.#base + this.#size);
  }

  /** Makes sure that frames of so many bytes come into one segment. */
  keepTogether(bytes: number): void {
    if (this.#size > SEGMENT_SIZE - bytes) this.endSegment();
  }

  /** Makes what was appended last a power failure, but for segments that have ended. */
  sync(): void {
    this.#file?.syncDataSync();
  }

  /** Ends the segment that grows: the next frame begins another one. */
  endSegment(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#base += this.#size;
    this.#size = 0;
  }

  /** Closes the files; the log may be opened again. */
  close(): void {
    this.#file?.close();
    closeLocked(this.#folder.lock);
  }

  /** Cuts off what was written of a frame. */
  #cutOff(): void {
    try {
      this.#file?.truncateSync(this.#size);
    } catch {
      // The position of the next segment tells the reader where this one ends.
      this.endSegment();
    }
  }

  /** Returns the file that takes the next frame. */
  #segment(): Deno.FsFile {
    const { folder, session, suffix, counters, onSegment } = this.#options;
    const isReadable = counters.get("unreadable") !== this.#base + 1;
    if (this.#file !== undefined && this.#size < SEGMENT_SIZE && isReadable && this.#isThere()) {
      return this.#file;
    }
    const begun = { startMs: this.#startMs, session, base: this.#base + this.#size };
    const name = segmentName(begun) + suffix;
    const file = this.#create(`${folder}/${name}`);
    try {
      writeAll(file, segmentHead(begun));
    } catch (error) {
      file.close();
      Deno.removeSync(`${folder}/${name}`);
      throw error;
    }
    this.endSegment();
    this.#file = file;
    this.#name = name;
    this.#checkedMs = performance.now();
    this.#size = SEGMENT_HEAD;
    this.#used += SEGMENT_HEAD;
    onSegment({ ...begun, name, recordsBefore: counters.get("records") });
    counters.set("base", begun.base);
    return file;
  }

  /** Creates a segment's file, and the folder if another program has removed it. */
  #create(path: string): Deno.FsFile {
    const { folder, suffix, warn } = this.#options;
    try {
      return createSegment(path, warn);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const { lock } = openFolder(folder, suffix, warn);
    closeLocked(this.#folder.lock);
    this.#folder.lock = lock;
    warn(`The spool's folder ${folder} was removed by another program; it is made anew`);
    return createSegment(path, warn);
  }

  /** Whether the name of the file that grows still leads to it; looks there once in a while. */
  #isThere(): boolean {
    const { folder, warn } = this.#options;
    const nowMs = performance.now();
    if (nowMs < this.#checkedMs + CHECK_MS) return true;
    this.#checkedMs = nowMs;
    const found = unlessAbsent(() => Deno.lstatSync(`${folder}/${this.#name}`));
    if (found !== undefined && isSame(found, this.#file!.statSync())) return true;
    warn(`The spool's file ${this.#name} was removed by another program; another one is begun`);
    return false;
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
