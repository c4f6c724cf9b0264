/**
 * Reads a segment log in order, batch by batch, and removes segments once all of
 * their records have arrived. It may run in another thread than the log's writer.
 */

import { messageOf } from "../errors.ts";
import { unlessAbsent } from "../files/place.ts";
import { isForGood, openRegular, setAside } from "../files/set_aside.ts";
import { isQueueFile } from "./queue_format.ts";
import { type Batch, trimOpen } from "./segment_batch.ts";
import type { LogOptions } from "./segment_log.ts";
import { countRecords, headAt, readAt, syncFile } from "./segment_file.ts";
import { type Segment, SEGMENT_HEAD, SEGMENT_MOST, segmentHead } from "./segment_format.ts";
import { readFrames } from "./segment_frames.ts";

/** Options of reading a log. */
export interface SegmentReaderOptions extends LogOptions {
  /** Segments of earlier sessions. */
  found: readonly Segment[];
  /**
   * Most bytes of a batch: those of a frame at least.
   *
   * @default {SEGMENT_MOST}
   */
  batchBytes?: number;
  /**
   * Returns whether others belong to a frame of this tag, so that a batch has all of them. Absent
   * where each frame is by itself.
   */
  isOpen?: (tag: number) => boolean;
}

/** A batch as it was read. */
interface ReadBatch extends Batch {
  /** Whether it has no frames since the ones that were read lack others. */
  isHeldBack?: true;
}

/** Reads a log. */
export class SegmentReader {
  readonly #options: SegmentReaderOptions;
  /** Segments whose records have not all arrived. */
  readonly #segments: Segment[];
  #file: Deno.FsFile | undefined;
  /** Position to go on at in the first segment; 0 before its head. */
  #offset = 0;
  /** Whether something in the first segment could not be read. */
  #damaged = false;
  /** End of the damage in it that was logged. */
  #loggedTo = 0;
  #buffer: Uint8Array | undefined;
  /** Position of the segment that was synced to disk last. */
  #syncedBase = 0;

  /** Makes a reader of the segments that were found and of those that are begun. */
  constructor(options: SegmentReaderOptions) {
    this.#options = options;
    this.#segments = [...options.found];
  }

  /** Adds a segment that was begun. */
  add(segment: Segment): void {
    // All of the segments before are done with.
    if (this.#segments.length === 0) this.#countLost(segment.recordsBefore ?? 0);
    this.#segments.push(segment);
  }

  /** The session of the records that come next; undefined where there are none. */
  get session(): string | undefined {
    return this.#segments[0]?.session;
  }

  /** Whether the records that come next are of the session that still appends. */
  get isLive(): boolean {
    return this.session === this.#options.session;
  }

  /** Whether everything that was appended so far has been read and has arrived. */
  get isEmpty(): boolean {
    const first = this.#segments[0];
    return first === undefined ||
      (this.isLive && first.base + this.#at(first) >= this.#options.counters.get("end"));
  }

  /** Bytes of the first segment that have arrived. */
  get passed(): number {
    return this.#offset;
  }

  /** Position of the next frame in all that its session has appended. */
  get position(): number {
    const first = this.#segments[0];
    return first === undefined ? 0 : first.base + this.#at(first);
  }

  /** Time of the next frame, in milliseconds since the Unix epoch, 0 if it is not known; undefined if none waits. */
  get oldestMs(): number | undefined {
    const first = this.#segments[0];
    if (first === undefined || this.isEmpty) return undefined;
    try {
      const file = this.#open(first);
      return file === undefined ? 0 : headAt(file, first, this.#at(first))?.timeMs ?? 0;
    } catch {
      // What is wrong shows when the frame is read.
      return 0;
    }
  }

  /** Counts the records of earlier sessions that wait, by the heads of their frames. */
  countOld(): number {
    return this.#segments.reduce((sum, segment) => {
      if (segment.session === this.#options.session) return sum;
      try {
        return sum +
          countRecords(this.#pathOf(segment), segment, this.#at(segment), this.#sizeOf(segment));
      } catch {
        // What is wrong shows when the records are read.
        return sum;
      }
    }, 0);
  }

  /**
   * Goes on at the position that the receiver has, which may be behind records that were
   * sent without an answer, or before records that it has lost again. Those of the session that
   * still appends are counted as written, or no longer.
   *
   * @param position Its position in the first segment's session.
   * @returns How many records are passed over; less than 0 for those that come again.
   */
  skipTo(position: number): number {
    const { session, isLive } = this;
    let records = 0;
    for (let first = this.#segments[0]; first?.session === session; first = this.#segments[0]) {
      const [path, before] = [this.#pathOf(first!), this.#at(first!)];
      this.#offset = Math.max(0, position - first!.base);
      const after = this.#at(first!);
      const passed = countRecords(path, first!, before, after) -
        countRecords(path, first!, after, before);
      records += passed;
      if (isLive) this.#options.counters.add("written", passed);
      if (!this.#dropIfPassed()) break;
    }
    return records;
  }

  /**
   * Reads the next batch; it comes again until {@linkcode arrived}.
   *
   * @param most So many records are enough.
   * @param isLast Whether nothing more is appended: frames that lack others come, too.
   * @returns It, or nothing where there is none yet. The writer may have begun a segment that was
   *   not added, so the caller must let messages in before the next call.
   * @throws What the system says, where that may be otherwise the next time.
   */
  next(most: number, isLast = false): Batch | undefined {
    for (let first = this.#segments[0]; first !== undefined; first = this.#segments[0]) {
      const grows = this.#grows(first);
      const end = this.#options.counters.get("end");
      // The segment has ended, and where is not known before the next one is announced.
      if (grows && this.#options.counters.get("base") !== first.base) return undefined;
      const size = grows ? end - first.base : this.#sizeOf(first);
      const file = this.#open(first);
      const isWhole = !grows || isLast;
      const batch = file && this.#read(file, size, most, this.#at(first), isWhole);
      if (batch !== undefined && batch.frames.length > 0) return batch;
      if (batch?.isHeldBack === true) return undefined;
      // Damage that was passed over is not looked at again.
      const isPassed = batch !== undefined && batch.to > batch.from;
      if (isPassed) this.#offset = batch.to - first.base;
      if (isPassed && this.#offset < size) continue;
      if (grows && batch !== undefined) {
        if (this.#at(first) >= size) return undefined;
        this.#loseRest(first, size);
      }
      this.#drop();
    }
    return undefined;
  }

  /**
   * Reads the batch behind another one, before that has arrived; it takes that one's place in memory.
   *
   * @param batch The one before.
   * @param most So many records are enough.
   * @returns It, which may have no frames; undefined where the segment has no full batch more, nor
   *   ends.
   * @throws What the system says, where that may be otherwise the next time.
   */
  following({ to }: Pick<Batch, "to">, most: number): Batch | undefined {
    const first = this.#segments[0]!;
    const size = this.#sizeBehind(to);
    if (size === undefined) return undefined;
    return this.#read(this.#file!, size, most, to - first.base, !this.#grows(first));
  }

  /** Returns whether {@linkcode following} would read a batch. */
  hasFollowing({ to }: Pick<Batch, "to">): boolean {
    return this.#sizeBehind(to) !== undefined;
  }

  /** Returns the first segment's size if a batch is ready behind a position in it. */
  #sizeBehind(position: number): number | undefined {
    const { counters, batchBytes = SEGMENT_MOST } = this.#options;
    const first = this.#segments[0]!;
    const grows = this.#grows(first);
    const end = counters.get("end");
    if (this.#file === undefined || grows && counters.get("base") !== first.base) return undefined;
    const size = grows ? end - first.base : this.#sizeOf(first);
    const rest = first.base + size - position;
    return rest < (grows ? batchBytes : 1) ? undefined : size;
  }

  /** Passes a batch that has arrived and is counted, or the first frames of it. */
  arrived({ to }: Pick<Batch, "to">): void {
    this.#offset = to - this.#segments[0]!.base;
    this.#dropIfPassed();
  }

  /** Makes what was appended last a power failure, also in segments that have ended since. */
  async sync(): Promise<void> {
    const { session } = this.#options;
    const unsynced = this.#segments.filter((segment) =>
      segment.session === session && segment.base >= this.#syncedBase
    );
    for (const segment of unsynced) {
      await syncFile(this.#pathOf(segment));
      this.#syncedBase = segment.base;
    }
  }

  /** Removes the last segment where everything has arrived; nothing may be appended to it any more. */
  removeLast(): void {
    const { counters } = this.#options;
    if (this.isEmpty && this.#segments.length > 0) this.#drop(counters.get("records"));
  }

  /** Closes the file; where everything has arrived, the last segment is removed, too. */
  close(): void {
    this.removeLast();
    this.#file?.close();
    this.#file = undefined;
  }

  /** Returns the position to go on at in a segment. */
  #at(segment: Segment): number {
    const start = isQueueFile(segment.name) ? 0 : SEGMENT_HEAD;
    return segment === this.#segments[0] ? Math.max(start, this.#offset) : start;
  }

  /** Reads whole frames from a place on, up to the first segment's size; no more come if it is whole. */
  #read(file: Deno.FsFile, size: number, most: number, start: number, isWhole: boolean): ReadBatch {
    const [first, { batchBytes, isOpen = () => false }] = [this.#segments[0]!, this.#options];
    const rest = Math.max(0, size - start);
    this.#buffer ??= new Uint8Array(batchBytes ?? SEGMENT_MOST);
    const bytes = readAt(file, this.#buffer.subarray(0, rest), start);
    const from = first.base + start;
    const { session } = first;
    const batch: ReadBatch = { session, from, to: from, records: 0, frames: [], heads: [] };
    readFrames(first, bytes, rest, most, batch, isOpen, (...damage) => this.#lose(...damage));
    const isAtEnd = batch.to >= first.base + size;
    if (isAtEnd && isWhole) return batch;
    const read = batch.frames.length;
    trimOpen(batch, isOpen);
    if (read === 0 || batch.frames.length > 0) return batch;
    batch.isHeldBack = true;
    if (isAtEnd || bytes.length >= Math.min(rest, SEGMENT_MOST)) return batch;
    // Frames that belong together do not fit into it.
    this.#buffer = new Uint8Array(SEGMENT_MOST);
    return this.#read(file, size, most, start, isWhole);
  }

  /** Logs damage in the first segment, once; only a session that was killed leaves a torn end. */
  #lose(position: number, records: number, what: string, isTorn: boolean): void {
    if (position < this.#loggedTo) return;
    this.#loggedTo = position + 1;
    if (this.isLive) this.#options.counters.add("lost", records);
    const isDamaged = this.isLive || !isTorn;
    this.#damaged ||= isDamaged;
    const kind = isDamaged ? "is damaged" : "ends in the middle of a frame";
    this.#options.warn(`The spool's file ${this.#segments[0]!.name} ${kind}: ${what}`);
  }

  /** Opens the first segment; undefined if no record of it can be read. */
  #open(first: Segment): Deno.FsFile | undefined {
    if (this.#file !== undefined) return this.#file;
    const nothing = "no record of it can be read";
    try {
      const file = openRegular(this.#pathOf(first));
      if (isQueueFile(first.name)) return this.#file = file;
      const head = readAt(file, new Uint8Array(SEGMENT_HEAD), 0);
      if (head.toHex() === segmentHead(first).toHex()) return this.#file = file;
      file.close();
      this.#lose(first.base, 0, nothing, head.length < SEGMENT_HEAD);
    } catch (error) {
      if (!isForGood(error)) throw error;
      const isRemoved = error instanceof Deno.errors.NotFound;
      const why = isRemoved ? "it was removed by another program" : messageOf(error);
      this.#lose(first.base, 0, `${nothing}: ${why}`, false);
    }
    this.#end(first);
    return undefined;
  }

  /** Gives up the first segment, whose file is shorter than what was appended. */
  #loseRest(first: Segment, size: number): void {
    const at = this.#at(first);
    const what = `its last ${size - at} of ${size} bytes cannot be read`;
    this.#lose(first.base + at, 0, what, false);
    this.#end(first);
  }

  /** Has the writer begin another segment if this one grows: it cannot be read any further. */
  #end(segment: Segment): void {
    if (this.#grows(segment)) this.#options.counters.set("unreadable", segment.base + 1);
  }

  /** Removes the first segment if all of it has arrived and nothing comes behind. */
  #dropIfPassed(): boolean {
    const first = this.#segments[0]!;
    const isPassed = !this.#grows(first) && this.#at(first) >= this.#sizeOf(first);
    if (isPassed) this.#drop();
    return isPassed;
  }

  /**
   * Removes the first segment: its file, too, unless something in it is damaged.
   *
   * @param before Records that this session had appended before the next one.
   */
  #drop(before = this.#segments[1]?.recordsBefore ?? 0): void {
    const { counters, warn } = this.#options;
    const segment = this.#segments.shift()!;
    const path = this.#pathOf(segment);
    this.#file?.close();
    this.#file = undefined;
    this.#offset = 0;
    const end = this.#nextOf(segment)?.base ?? counters.get("end");
    counters.add("freed", segment.bytes ?? end - segment.base);
    this.#countLost(before);
    try {
      const rest = this.#fileSizeOf(segment) - this.#sizeOf(segment);
      const what = `its last ${rest} bytes are no records of it`;
      if (rest > 0) warn(`The spool's file ${segment.name} is damaged: ${what}`);
      if (this.#damaged || rest > 0) setAside(path, "no more of it can be sent", warn);
      else Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        warn(`Cannot remove ${path}, which is done with: ${messageOf(error)}`);
      }
    }
    this.#damaged = false;
    this.#loggedTo = 0;
  }

  /** Counts records of this session as lost that went nowhere among the first `before` ones. */
  #countLost(before: number): void {
    const { counters, warn } = this.#options;
    // A record of a session went one of these ways.
    const ways = ["written", "refused", "lost", "repeated", "discarded"] as const;
    const known = ways.reduce((sum, way) => sum + counters.get(way), 0);
    if (before <= known) return;
    counters.add("lost", before - known);
    warn(`Records in the spool cannot be read any more, and are lost: ${before - known}`);
  }

  /** Returns whether frames may still be appended to a segment. */
  #grows(segment: Segment): boolean {
    return segment.session === this.#options.session && segment === this.#segments.at(-1);
  }

  /** Returns the next segment of the same session; undefined for the last one. */
  #nextOf(segment: Segment): Segment | undefined {
    return this.#segments.find(({ session, base }) =>
      session === segment.session && base > segment.base
    );
  }

  /** Bytes of a segment's file that can be frames of it; 0 if it is no file. */
  #sizeOf(segment: Segment): number {
    const length = (this.#nextOf(segment)?.base ?? Infinity) - segment.base;
    return Math.min(this.#fileSizeOf(segment), length, SEGMENT_MOST);
  }

  #fileSizeOf(segment: Segment): number {
    // A file that is open is there even if its name was removed.
    const info = segment === this.#segments[0] && this.#file !== undefined
      ? this.#file.statSync()
      : unlessAbsent(() => Deno.lstatSync(this.#pathOf(segment)));
    return info?.isFile === true ? info.size : 0;
  }

  #pathOf({ name }: Segment): string {
    return `${this.#options.folder}/${name}`;
  }
}
