/**
 * The privileged end of a spool: rows are appended to segment files, which the
 * sender reads and deletes.
 *
 * @module
 */

import { messageOf, OutputError } from "../../../errors.ts";
import { NotRegularError } from "../../../files/place.ts";
import { kindOf } from "../../../files/regular_file.ts";
import { openRegular, setAside } from "../../../files/set_aside.ts";
import { lockSpool } from "../../../buffer/spool_folder.ts";
import type { OutputLog } from "../../output.ts";
import type { PostgresOptions } from "../options.ts";
import {
  compareSegments,
  FRAME_HEAD,
  parseSegmentName,
  type Segment,
  SEGMENT_HEAD,
  SEGMENT_MOST,
  SEGMENT_SIZE,
  segmentHead,
  segmentName,
  startAfter,
  writeFrameHead,
} from "./format.ts";
import { SpoolNumbers } from "./shared.ts";

/** How often a full spool, or disk, is tried again, in milliseconds. */
const RETRY_MS = 20;
/** How long a full spool is waited for once the end is near, in milliseconds. */
const HURRY_MS = 3000;

/** How a spool behaves. */
export interface SpoolOptions {
  /** The folder. */
  folder: string;
  /** How large it may grow, in bytes. */
  limit: number;
  /** When rows are made to last a power failure. */
  sync: PostgresOptions["spoolSync"];
  /** What is done with rows while it is full. */
  whenFull: PostgresOptions["whenFull"];
  /** The session whose rows it takes: a UUID. */
  session: string;
}

/** Appends rows to a spool. */
export class Spooler {
  /** What this end and the sender count. */
  readonly numbers: SpoolNumbers = new SpoolNumbers();
  /** Files that earlier sessions have left, in the order of their rows. */
  readonly found: readonly Segment[];
  /** When this session began: milliseconds since the Unix epoch. */
  readonly startMs: number;
  readonly #options: SpoolOptions;
  readonly #log: OutputLog;
  readonly #lock: Deno.FsFile;
  /** Told of each segment that is begun. */
  readonly #onSegment: (segment: Segment) => void;
  readonly #head = new Uint8Array(FRAME_HEAD);
  #file: Deno.FsFile | undefined;
  /** Where the file at hand begins in all that the session has spooled, and its size. */
  #base = 0;
  #size = 0;
  /** Bytes in the folder, but for what the sender has freed. */
  #used: number;
  /** Rows that were let go. */
  #dropped = 0;
  #hurried = false;
  #isFull = false;

  private constructor(
    options: SpoolOptions,
    lock: Deno.FsFile,
    found: { segments: readonly Segment[]; bytes: number },
    log: OutputLog,
    onSegment: (segment: Segment) => void,
  ) {
    this.#options = options;
    this.#lock = lock;
    this.found = found.segments;
    this.#used = found.bytes;
    this.#log = log;
    this.#onSegment = onSegment;
    this.startMs = startAfter(found.segments.at(-1)?.startMs, Date.now());
  }

  /**
   * Opens a spool; its folder is made if it is missing.
   *
   * @param options How it behaves.
   * @param log Told about what works, but not as asked for.
   * @param onSegment Told of each segment that is begun.
   * @throws {OutputError} If it cannot be used.
   */
  static open(
    options: SpoolOptions,
    log: OutputLog,
    onSegment: (segment: Segment) => void,
  ): Spooler {
    const { folder } = options;
    let lock: Deno.FsFile | undefined;
    try {
      lock = lockSpool(folder);
      return new Spooler(options, lock, findSegments(folder, log), log, onSegment);
    } catch (error) {
      lock?.close();
      throw new OutputError(folder, `Cannot use the spool ${folder}: ${reason(error, folder)}`, {
        cause: error,
      });
    }
  }

  /** Rows that were let go because there was no room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes that the spool takes. */
  get used(): number {
    return this.#used - this.numbers.get("freed");
  }

  /**
   * Appends rows: all of them, or none where there is no room and the policy is
   * to drop. Returns a promise only where it waits for room.
   */
  append(bytes: Uint8Array, rows: number): void | Promise<void> {
    if (!this.#tryAppend(bytes, rows)) return this.#appendLater(bytes, rows);
  }

  /** The end is near: a full spool is not waited for without end any more. */
  hurry(): void {
    this.#hurried = true;
  }

  /** Closes the files; the spool may be opened again. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#lock.close();
  }

  async #appendLater(bytes: Uint8Array, rows: number): Promise<void> {
    let waitedMs = 0;
    while (this.#options.whenFull === "block" && !(this.#hurried && waitedMs >= HURRY_MS)) {
      const start = performance.now();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      if (this.#hurried) waitedMs += performance.now() - start;
      if (this.#tryAppend(bytes, rows)) return;
    }
    this.#dropped += rows;
  }

  /** Appends rows; false if there is no room for them. */
  #tryAppend(bytes: Uint8Array, rows: number): boolean {
    const { limit, sync } = this.#options;
    const needed = FRAME_HEAD + bytes.length;
    if (this.used + needed > limit) {
      return this.#full(`the spool holds ${this.used} of at most ${limit} bytes`);
    }
    try {
      const file = this.#segment();
      writeFrameHead(this.#head, bytes, rows, Date.now());
      writeAll(file, this.#head);
      writeAll(file, bytes);
      if (sync === "batch") file.syncDataSync();
    } catch (error) {
      this.#file?.truncateSync(this.#size);
      return this.#full(reason(error, this.#options.folder));
    }
    this.#size += needed;
    this.#used += needed;
    this.numbers.add("rows", rows);
    this.numbers.set("end", this.#base + this.#size);
    this.numbers.wakeSender();
    if (this.#isFull) this.#log.info("The spool takes rows again", { dropped: this.#dropped });
    this.#isFull = false;
    return true;
  }

  #full(what: string): false {
    if (!this.#isFull) {
      const policy = this.#options.whenFull === "block"
        ? "the capture waits, and the kernel drops what does not fit into its buffer"
        : "rows are dropped until there is room";
      this.#log.warn(`Cannot spool rows: ${what}; ${policy}`);
    }
    this.#isFull = true;
    return false;
  }

  /** The file that takes the next rows. */
  #segment(): Deno.FsFile {
    const isReadable = this.numbers.get("unreadable") !== this.#base + 1;
    if (this.#file !== undefined && this.#size < SEGMENT_SIZE && isReadable) return this.#file;
    const { folder, session } = this.#options;
    const base = this.#base + this.#size;
    const begun = { startMs: this.startMs, session, base };
    const name = segmentName(begun);
    const path = `${folder}/${name}`;
    const file = createAnew(path, this.#log);
    try {
      writeAll(file, segmentHead(begun));
    } catch (error) {
      file.close();
      Deno.removeSync(path);
      throw error;
    }
    this.#file?.close();
    this.#file = file;
    this.#base = base;
    this.#size = SEGMENT_HEAD;
    this.#used += SEGMENT_HEAD;
    this.#onSegment({ ...begun, name, rowsBefore: this.numbers.get("rows") });
    return file;
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** Makes a file; what somebody has put in its place before is set aside. */
function createAnew(path: string, log: OutputLog): Deno.FsFile {
  const options = { append: true, createNew: true, mode: 0o640 };
  try {
    return Deno.openSync(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    setAside(path, "it was there before nfscribe had made it", log.warn);
    return Deno.openSync(path, options);
  }
}

/** The segments in a folder that can be read, in the order of their rows, and the size of all. */
function findSegments(folder: string, log: OutputLog): { segments: Segment[]; bytes: number } {
  const all = listSegments(folder, log);
  const held = new Set<string>();
  for (const { session, name } of all) {
    if (held.has(session)) continue;
    const problem = problemOf(`${folder}/${name}`);
    if (problem === undefined) continue;
    // Rows behind it would tell the database that it has these.
    held.add(session);
    log.warn(
      `Cannot read ${folder}/${name}: ${problem}; the rows of that session wait for the next start`,
    );
  }
  return {
    segments: all.filter(({ session }) => !held.has(session)),
    bytes: all.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  };
}

/** Why a file cannot be opened; undefined if it can. */
function problemOf(path: string): string | undefined {
  try {
    openRegular(path).close();
    return undefined;
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied
      ? "the system denies it to this user; check the owner and the mode of the file"
      : undefined;
  }
}

/** The segments in a folder, in the order of their rows; what cannot be one is set aside. */
function listSegments(folder: string, log: OutputLog): Segment[] {
  const segments: Segment[] = [];
  for (const { name } of Deno.readDirSync(folder)) {
    if (!name.endsWith(".rows")) continue;
    const path = `${folder}/${name}`;
    try {
      segments.push(segmentAt(path, name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      setAside(path, messageOf(error), log.warn);
    }
  }
  return segments.sort(compareSegments);
}

/** What is known of a segment before it is read. */
function segmentAt(path: string, name: string): Segment {
  const segment = parseSegmentName(name);
  if (segment === undefined) throw new Error("nfscribe gives no file such a name");
  const info = Deno.lstatSync(path);
  if (!info.isFile) throw new NotRegularError(kindOf(info));
  return { ...segment, bytes: Math.min(info.size, SEGMENT_MOST) };
}

/** What is wrong and what to do. */
function reason(error: unknown, folder: string): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `Deno was started without that right; run again with --allow-read=${folder} --allow-write=${folder}`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system denies it to this user; check the owner and the mode of the folder";
  }
  return error instanceof Error ? error.message : String(error);
}
