/**
 * The sender's end of a spool: segments are read in order, batch by batch, and
 * deleted once all of their rows have arrived.
 *
 * @module
 */

import { messageOf } from "../../../errors.ts";
import { unlessAbsent } from "../../../files/place.ts";
import { isForGood, openRegular, setAside } from "../../../files/set_aside.ts";
import type { OutputLog } from "../../output.ts";
import {
  FRAME_HEAD,
  isWhole,
  readFrameHead,
  readSegmentHead,
  type Segment,
  SEGMENT_HEAD,
  SEGMENT_MOST,
} from "./format.ts";
import type { SpoolNumbers } from "./shared.ts";

/** Rows that are sent in one transaction. Its bytes are valid until the next one is read. */
export interface Batch {
  /** The session that spooled them. */
  session: string;
  /** Where they begin and end in all that it has spooled. */
  from: number;
  to: number;
  /** How many they are. */
  rows: number;
  /** Their bytes, frame by frame; before each lies its head, which may be overwritten. */
  frames: Uint8Array[];
  /** When the oldest and the newest of them were spooled: milliseconds since the Unix epoch. */
  oldestMs: number;
  newestMs: number;
}

/** Reads a spool. */
export class SpoolReader {
  readonly #folder: string;
  readonly #numbers: SpoolNumbers;
  readonly #log: OutputLog;
  /** The session that still spools. */
  readonly #session: string;
  /** Segments whose rows have not all arrived. */
  readonly #segments: Segment[] = [];
  #file: Deno.FsFile | undefined;
  /** Where to go on in the first segment. */
  #offset = SEGMENT_HEAD;
  /** Whether something in the first segment could not be read. */
  #damaged = false;
  /** Up to where damage in it was told of. */
  #toldTo = 0;
  readonly #buffer = new Uint8Array(SEGMENT_MOST);

  /** Makes a reader of what was found and of what comes. */
  constructor(
    folder: string,
    session: string,
    found: readonly Segment[],
    numbers: SpoolNumbers,
    log: OutputLog,
  ) {
    this.#folder = folder;
    this.#session = session;
    this.#segments.push(...found);
    this.#numbers = numbers;
    this.#log = log;
  }

  /** Adds a segment that was begun. */
  add(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** The session of the rows that come next; undefined where none are there. */
  get session(): string | undefined {
    return this.#segments[0]?.session;
  }

  /** Where to go on in all that this session has spooled. */
  get position(): number {
    return (this.#segments[0]?.base ?? 0) + this.#offset;
  }

  /** Whether the rows that come next are of the session that still spools. */
  get isLive(): boolean {
    return this.session === this.#session;
  }

  /** When the next row was spooled: milliseconds since the Unix epoch, 0 if that cannot be told; undefined where none waits. */
  get oldestMs(): number | undefined {
    const first = this.#segments[0];
    if (first === undefined || this.isEmpty) return undefined;
    try {
      this.#file ??= this.#open(first);
      if (this.#file === undefined) return 0;
      const bytes = this.#bytesAt(this.#file, this.#offset, this.#offset + FRAME_HEAD);
      return readFrameHead(bytes, 0)?.timeMs ?? 0;
    } catch {
      // What is wrong shows when the rows are read.
      return 0;
    }
  }

  /** Whether everything that was spooled so far has been read and has arrived. */
  get isEmpty(): boolean {
    const first = this.#segments[0];
    return first === undefined ||
      (first.session === this.#session && this.position >= this.#numbers.get("end"));
  }

  /**
   * Goes on where the database is, which may be behind rows that were sent
   * without an answer, or before rows that it has lost again.
   *
   * @param position Up to where it has the first segment's session.
   * @returns How many rows are passed over; less than 0 for those that come again.
   */
  skipTo(position: number): number {
    const { session } = this;
    let rows = 0;
    for (let first = this.#segments[0]; first?.session === session; first = this.#segments[0]) {
      const offset = Math.max(SEGMENT_HEAD, position - first!.base);
      const isWhole = !this.#isLive(first!) && offset >= this.#sizeOf(first!);
      rows += this.#rowsUpTo(offset) - this.#rowsUpTo(this.#offset);
      this.#offset = offset;
      if (!isWhole) break;
      this.#drop(rows);
    }
    return rows;
  }

  /**
   * Reads the next batch; it comes again until {@linkcode arrived}.
   *
   * @param most So many rows are enough.
   * @returns It, or nothing where there is none yet.
   */
  next(most: number): Batch | undefined {
    for (let first = this.#segments[0]; first !== undefined; first = this.#segments[0]) {
      const batch = this.#read(first, most);
      if (batch === "none" || typeof batch === "object") {
        return batch === "none" ? undefined : batch;
      }
      this.#drop();
    }
    return undefined;
  }

  /** The batch has arrived: the next one comes. */
  arrived({ to }: Batch): void {
    const first = this.#segments[0]!;
    this.#offset = to - first.base;
    if (!this.#isLive(first) && this.#offset >= this.#sizeOf(first)) this.#drop();
  }

  /** Makes what was spooled last a power failure. */
  async sync(): Promise<void> {
    const live = this.#segments.at(-1);
    if (live === undefined || live.session !== this.#session) return;
    try {
      using file = openRegular(this.#pathOf(live));
      await file.syncData();
    } catch (error) {
      // What is wrong with it shows when its rows are read.
      if (!isForGood(error)) throw error;
    }
  }

  /** Closes the file; where everything has arrived, the last segment goes, too. */
  close(): void {
    if (this.isEmpty && this.#segments.length > 0) this.#drop();
    this.#file?.close();
    this.#file = undefined;
  }

  /** Rows of the first segment that end before an offset, by the heads of its frames. */
  #rowsUpTo(offset: number): number {
    this.#file ??= this.#open(this.#segments[0]!);
    let rows = 0;
    for (let at = SEGMENT_HEAD; this.#file !== undefined && at < offset;) {
      const head = readFrameHead(this.#bytesAt(this.#file, at, at + FRAME_HEAD), 0);
      if (head === undefined) break;
      at += FRAME_HEAD + head.length;
      rows += head.rows;
    }
    return rows;
  }

  #read(segment: Segment, most: number): Batch | "none" | "end" {
    const live = this.#isLive(segment);
    const size = live ? this.#numbers.get("end") - segment.base : this.#sizeOf(segment);
    this.#file ??= this.#open(segment);
    if (this.#file === undefined) return "end";
    const start = this.#offset;
    const bytes = this.#bytesAt(this.#file, start, size);
    const batch: Batch = {
      session: segment.session,
      from: segment.base + start,
      to: segment.base + start,
      rows: 0,
      frames: [],
      oldestMs: Infinity,
      newestMs: 0,
    };
    let at = 0;
    while (at < bytes.length && batch.rows < most) {
      const next = this.#frame(bytes, at, batch, start + bytes.length >= size);
      if (next === at) break;
      at = next;
    }
    batch.to = batch.from + at;
    return batch.rows === 0 ? this.#nothing(live, at) : batch;
  }

  /** There is no row: what was passed over is not looked at again. */
  #nothing(live: boolean, passed: number): "none" | "end" {
    this.#offset += passed;
    return live ? "none" : "end";
  }

  /** Takes a frame into a batch; returns where the next one begins, or `at` where it was not read to its end. */
  #frame(bytes: Uint8Array, at: number, batch: Batch, toTheEnd: boolean): number {
    const head = readFrameHead(bytes, at);
    if (head === undefined) {
      if (!toTheEnd && bytes.length - at < FRAME_HEAD) return at;
      return this.#passDamage(bytes, at, toTheEnd);
    }
    const start = at + FRAME_HEAD;
    const rows = bytes.subarray(start, start + head.length);
    if (rows.length < head.length && !toTheEnd) return at;
    if (!isWhole(head, rows)) {
      this.#lose(at, head.rows, `${head.rows} rows are lost`, rows.length === head.length);
      return Math.min(bytes.length, start + head.length);
    }
    batch.frames.push(rows);
    batch.rows += head.rows;
    batch.oldestMs = Math.min(batch.oldestMs, head.timeMs);
    batch.newestMs = Math.max(batch.newestMs, head.timeMs);
    return start + head.length;
  }

  /** Looks for the next frame behind damage. */
  #passDamage(bytes: Uint8Array, at: number, toTheEnd: boolean): number {
    let next = at + 1;
    while (next < bytes.length && readFrameHead(bytes, next) === undefined) next++;
    const torn = toTheEnd && next === bytes.length;
    const few = torn && next - at < FRAME_HEAD ? " (less than one frame: no row was whole)" : "";
    this.#lose(at, 0, `${next - at} bytes are lost${few}`, !torn);
    return next;
  }

  /** Tells of damage in what was read from the first segment, once. */
  #lose(at: number, rows: number, what: string, damaged: boolean): void {
    const segment = this.#segments[0]!;
    if (this.#offset + at < this.#toldTo) return;
    this.#toldTo = this.#offset + at + 1;
    if (segment.session === this.#session) this.#numbers.add("lost", rows);
    this.#damaged ||= damaged;
    const kind = damaged ? "is damaged" : "ends in the middle of a frame";
    this.#log.warn(`The spool's file ${segment.name} ${kind}: ${what}`);
  }

  /** Opens the first segment; undefined if there is no row to be had from it. */
  #open(segment: Segment): Deno.FsFile | undefined {
    try {
      const file = openRegular(this.#pathOf(segment));
      if (this.#isSegment(file, segment)) return file;
      file.close();
      this.#lose(0, 0, "no row of it can be read", this.#sizeOf(segment) >= SEGMENT_HEAD);
    } catch (error) {
      if (!isForGood(error)) throw error;
      this.#lose(0, 0, `no row of it can be read: ${messageOf(error)}`, true);
    }
    if (this.#isLive(segment)) this.#numbers.set("unreadable", segment.base + 1);
    return undefined;
  }

  /** Whether a file says that it is a segment. */
  #isSegment(file: Deno.FsFile, segment: Segment): boolean {
    const head = new Uint8Array(SEGMENT_HEAD);
    file.readSync(head);
    const said = readSegmentHead(head);
    return said?.session === segment.session && said.base === segment.base;
  }

  #bytesAt(file: Deno.FsFile, start: number, size: number): Uint8Array {
    const length = Math.max(0, Math.min(SEGMENT_MOST, size - start));
    file.seekSync(start, Deno.SeekMode.Start);
    let read = 0;
    while (read < length) {
      const count = file.readSync(this.#buffer.subarray(read, length));
      if (count === null) break;
      read += count;
    }
    return this.#buffer.subarray(0, read);
  }

  /**
   * Lets the first segment go.
   *
   * @param passed Rows of this session that have arrived and are not counted yet.
   */
  #drop(passed = 0): void {
    const segment = this.#segments.shift()!;
    this.#file?.close();
    this.#file = undefined;
    this.#offset = SEGMENT_HEAD;
    const end = this.#nextOf(segment)?.base ?? this.#numbers.get("end");
    this.#numbers.add("freed", segment.bytes ?? end - segment.base);
    this.#countLost(passed);
    this.#remove(segment);
    this.#damaged = false;
    this.#toldTo = 0;
  }

  /** Removes a segment's file, or keeps it under another name. */
  #remove(segment: Segment): void {
    const path = this.#pathOf(segment);
    try {
      const rest = this.#fileSizeOf(segment) - this.#sizeOf(segment);
      if (rest > 0) {
        this.#log.warn(
          `The spool's file ${segment.name} is damaged: its last ${rest} bytes are no rows of it`,
        );
      }
      if (this.#damaged || rest > 0) {
        setAside(path, "no more of it can be sent", this.#log.warn);
      } else Deno.removeSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      this.#log.warn(`Cannot remove ${path}, which is done with: ${messageOf(error)}`);
    }
  }

  /** Counts what this session's segments have lost that are gone: rows before the next one that went nowhere. */
  #countLost(passed: number): void {
    const before = this.#segments[0]?.rowsBefore;
    if (before === undefined) return;
    const numbers = this.#numbers;
    const known = numbers.get("written") + numbers.get("refused") + numbers.get("lost") + passed;
    if (before > known) numbers.add("lost", before - known);
  }

  #isLive(segment: Segment): boolean {
    return segment.session === this.#session && segment === this.#segments.at(-1);
  }

  /** The next segment of the same session; undefined for the last one. */
  #nextOf(segment: Segment): Segment | undefined {
    return this.#segments.find(({ session, base }) =>
      session === segment.session && base > segment.base
    );
  }

  /** Bytes of a segment's file that can be rows of it; 0 if it is no file. */
  #sizeOf(segment: Segment): number {
    const next = this.#nextOf(segment);
    const most = next === undefined ? SEGMENT_MOST : next.base - segment.base;
    return Math.min(this.#fileSizeOf(segment), most, SEGMENT_MOST);
  }

  #fileSizeOf(segment: Segment): number {
    const info = unlessAbsent(() => Deno.lstatSync(this.#pathOf(segment)));
    return info?.isFile === true ? info.size : 0;
  }

  #pathOf(segment: Segment): string {
    return `${this.#folder}/${segment.name}`;
  }
}
