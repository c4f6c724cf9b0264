/**
 * Records that wait on disk: a segment log, written and read in one thread. What
 * a run leaves is there for the next one.
 */

import type { Loss } from "../record/loss.ts";
import { concat } from "../bytes/write.ts";
import { DeliveryCounters } from "./delivery_counters.ts";
import type { Batch as Content, Waiting } from "./memory_queue.ts";
import { folderError, type Warn } from "./segment_folder.ts";
import { FRAME_HEAD, FRAME_MOST } from "./segment_format.ts";
import { SegmentLog } from "./segment_log.ts";
import type { Batch } from "./segment_batch.ts";
import { SegmentReader } from "./segment_reader.ts";

/** Tag of a frame that holds the note of a loss, as JSON. Others are 1 + the lines of the script's own. */
const LOSS = 0xffff_ffff;
/** Most records of a batch; its bytes are bounded, too. */
const BATCH_RECORDS = 100_000;

/** A first-in, first-out queue in a folder, bounded in bytes. */
export class DiskQueue implements Disposable {
  readonly #folder: string;
  readonly #warn: Warn;
  readonly #counters = new DeliveryCounters();
  readonly #log: SegmentLog;
  readonly #reader: SegmentReader;
  readonly #joinedMost: number;
  /** Frames that were read, and the one that has waited longest. */
  #batch: Batch | undefined;
  #index = 0;
  /** The oldest entry, and the number of frames that it was made of. */
  #first: Waiting | undefined;
  #frames = 0;

  private constructor(folder: string, limit: number, warn: Warn, joined: number) {
    this.#folder = folder;
    this.#joinedMost = joined;
    this.#warn = warn;
    const common = { folder, session: crypto.randomUUID(), counters: this.#counters, warn };
    this.#log = new SegmentLog({
      ...common,
      suffix: ".records",
      limit,
      onSegment: (segment) => this.#reader.add(segment),
    });
    const batchBytes = FRAME_HEAD + FRAME_MOST;
    this.#reader = new SegmentReader({ ...common, found: this.#log.found, batchBytes });
  }

  /**
   * Opens a queue; the folder is made if it is not there.
   *
   * @param folder The folder, used by this queue alone.
   * @param limit How much may wait, in bytes.
   * @param warn Reports files that cannot be used, or not to their end.
   * @param joined Bytes up to which entries are joined; those of former runs, too.
   * @throws {OutputError} If it cannot be used.
   */
  static open(folder: string, limit: number, warn: Warn, joined = 0): DiskQueue {
    const queue = new DiskQueue(folder, limit, warn, joined);
    try {
      // Files that hold nothing are not waiting.
      queue.#read();
    } catch (error) {
      queue[Symbol.dispose]();
      throw error;
    }
    return queue;
  }

  /** Packets of this run that were lost, because they cannot be read any more. */
  get lost(): number {
    return this.#counters.get("lost");
  }

  /** Packets of this run that wait. */
  get packets(): number {
    return this.#counters.waiting;
  }

  /** Packets of former runs that wait. */
  get oldPackets(): number {
    return this.#reader.countOld();
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#log.used - this.#reader.passed;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#reader.isEmpty;
  }

  /**
   * Writes records to the end.
   *
   * @param bytes Whole records.
   * @param content Counts of them.
   * @returns Whether there was room within the limit.
   * @throws {OutputError} If the disk takes nothing more; what was there stays whole.
   */
  push(bytes: Uint8Array, { packets, emitted }: Content): boolean {
    if (!this.#log.hasRoom(bytes.length, this.#reader.passed)) return false;
    this.#append(bytes, packets, 1 + emitted);
    return true;
  }

  /** Notes that packets were lost before what comes next; the limit does not hold for it. */
  pushLoss(loss: Loss): void {
    this.#append(new TextEncoder().encode(JSON.stringify(loss)), 0, LOSS);
  }

  /**
   * The oldest entry; it stays as it is until {@linkcode shift}. A file
   * that cannot be read any more is set aside.
   *
   * @throws {OutputError} If it cannot be read at the moment.
   */
  get first(): Waiting | undefined {
    while (this.#first === undefined) {
      const batch = this.#read();
      if (batch === undefined) return undefined;
      this.#frames = 1;
      if (batch.heads[this.#index]!.tag !== LOSS) {
        this.#first = this.#joined(batch);
        break;
      }
      const loss = lossOf(batch.frames[this.#index]!);
      if (loss !== undefined) {
        const nothing = { bytes: new Uint8Array(0), packets: 0, emitted: 0 };
        this.#first = { ...nothing, loss, isOld: !this.#reader.isLive };
        break;
      }
      this.#warn(`The spool ${this.#folder} holds the note of a loss that nfscribe did not write`);
      this.#pass(batch);
    }
    return this.#first;
  }

  /** Joins records of consecutive frames. */
  #joined({ frames, heads }: Batch): Waiting {
    const first = this.#index;
    let size = frames[first]!.length;
    let end = first + 1;
    for (; end < frames.length && heads[end]!.tag !== LOSS; end++) {
      size += frames[end]!.length;
      if (size > this.#joinedMost) break;
    }
    this.#frames = end - first;
    const bytes = end === first + 1 ? frames[first]! : concat(frames.slice(first, end));
    let [packets, emitted] = [0, 0];
    for (const { records, tag } of heads.slice(first, end)) {
      packets += records;
      emitted += tag - 1;
    }
    return {
      bytes,
      packets,
      emitted: Math.min(emitted, bytes.length),
      isOld: !this.#reader.isLive,
    };
  }

  /** Takes out what has waited longest. */
  shift(): void {
    if (this.first !== undefined) this.#pass(this.#batch!);
  }

  /** Closes it; what waits is there for the next run. */
  [Symbol.dispose](): void {
    this.#reader.close();
    this.#log.close();
  }

  #append(bytes: Uint8Array, packets: number, tag: number): void {
    try {
      this.#log.write(bytes, packets, tag);
    } catch (error) {
      throw folderError(this.#folder, "write into", error);
    }
  }

  /** Reads frames, unless some are there. */
  #read(): Batch | undefined {
    if (this.#batch !== undefined) return this.#batch;
    try {
      this.#index = 0;
      this.#batch = this.#reader.next(BATCH_RECORDS);
    } catch (error) {
      throw folderError(this.#folder, "read", error);
    }
    this.#clear();
    return this.#batch;
  }

  /** Passes the frames of the oldest entry. */
  #pass({ heads, to }: Batch): void {
    const passed = heads.slice(this.#index, this.#index + this.#frames);
    const { end } = passed.at(-1)!;
    this.#index += this.#frames;
    this.#first = undefined;
    const isLast = this.#index === heads.length;
    if (this.#reader.isLive) {
      for (const { records } of passed) this.#counters.add("written", records);
    }
    // Behind the last frame, damage may have been passed over.
    this.#reader.arrived({ to: isLast ? to : end });
    if (isLast) this.#batch = undefined;
    this.#clear();
  }

  /** Removes the segment that grows when nothing of it waits. */
  #clear(): void {
    if (!this.#reader.isEmpty) return;
    this.#log.endSegment();
    this.#reader.removeLast();
  }
}

/** Returns the note of a loss; undefined if nfscribe cannot have written it. */
function lossOf(bytes: Uint8Array): Loss | undefined {
  try {
    const { host = "", session = "", source, packets, seconds, nanoseconds } = JSON.parse(
      new TextDecoder().decode(bytes),
    );
    const isLoss = typeof source === "string" && typeof host === "string" &&
      typeof session === "string" &&
      [packets, seconds, nanoseconds].every((count) => Number.isSafeInteger(count) && count >= 0);
    return isLoss
      ? { ...host && { host }, ...session && { session }, source, packets, seconds, nanoseconds }
      : undefined;
  } catch {
    return undefined;
  }
}
