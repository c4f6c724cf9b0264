/**
 * Records that wait on disk: files of frames, written at one end, read and
 * removed at the other. What is left of a run is there for the next one.
 *
 *     length │ packets │ lines of the script's own │ CRC-32 │ records │ length │ …
 *
 * @module
 */

import { crc32 } from "node:zlib";
import { OutputError } from "../errors.ts";
import type { Loss } from "../output/output.ts";
import type { Batch, Waiting } from "./memory_queue.ts";

/** Bytes before a frame's records: four words, in the host's byte order. */
const FRAME_HEAD = 16;
/** A file is ended when it is longer, in bytes. */
const FILE_SIZE = 8 * 1024 * 1024;
/** Digits of a file's name, so that names sort as numbers do. */
const DIGITS = 10;

/** In the place of the count of lines: the frame holds the note of a loss, as JSON. */
const LOSS = 0xffff_ffff;

interface QueueFile {
  name: string;
  file: Deno.FsFile;
  /** Where the next frame is read. */
  read: number;
  /** Where it ends: whole frames only. */
  end: number;
}

/** A first-in, first-out queue in a folder, bounded in bytes. */
export class DiskQueue implements Disposable {
  /** Packets of this run that wait. */
  packets = 0;
  /** Packets of former runs that wait. */
  oldPackets = 0;
  readonly #folder: string;
  readonly #limit: number;
  readonly #files: QueueFile[] = [];
  /** Frames of former runs before the first one of this run. */
  #oldFrames = 0;
  #bytes = 0;
  #next = 1;
  #buffer = new Uint8Array(0);
  #lock: Deno.FsFile;

  private constructor(folder: string, limit: number, lock: Deno.FsFile) {
    this.#folder = folder;
    this.#limit = limit;
    this.#lock = lock;
  }

  /**
   * Opens a queue; the folder is made if it is not there.
   *
   * @param folder The folder, used by this queue alone.
   * @param limit How much may wait, in bytes.
   * @param warn Told if the end of a file was torn.
   * @throws {OutputError} If it cannot be used.
   */
  static open(folder: string, limit: number, warn: (message: string) => void): DiskQueue {
    try {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o750 });
      const lock = Deno.openSync(`${folder}/lock`, { write: true, create: true, mode: 0o640 });
      if (!lock.tryLockSync(true)) {
        lock.close();
        throw new Error("another process uses it; stop that process, or choose another folder");
      }
      const queue = new DiskQueue(folder, limit, lock);
      queue.#find(warn);
      return queue;
    } catch (error) {
      throw failure(folder, "use", error);
    }
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Whether what has waited longest is a former run's. */
  get isFirstOld(): boolean {
    return this.#oldFrames > 0;
  }

  /**
   * Writes records to the end.
   *
   * @param bytes Whole records.
   * @param batch What they are.
   * @returns Whether there was room within the limit.
   * @throws {OutputError} If the disk takes nothing more; what was there stays whole.
   */
  push(bytes: Uint8Array, { packets, emitted }: Batch): boolean {
    if (this.#bytes + FRAME_HEAD + bytes.length > this.#limit) return false;
    this.#append(bytes, { packets, emitted });
    return true;
  }

  #append(bytes: Uint8Array, { packets, emitted }: Batch): void {
    const length = FRAME_HEAD + bytes.length;
    try {
      const last = this.#lastFile();
      const frame = new Uint8Array(length);
      frame.set(bytes, FRAME_HEAD);
      new Uint32Array(frame.buffer, 0, 4).set([bytes.length, packets, emitted, crc32(bytes)]);
      writeAt(last.file, frame, last.end);
      last.end += length;
    } catch (error) {
      throw failure(this.#folder, "write into", error);
    }
    this.#bytes += length;
    this.packets += packets;
  }

  /** Notes that packets were lost before what comes next; the limit does not hold for it. */
  pushLoss(loss: Loss): void {
    this.#append(new TextEncoder().encode(JSON.stringify(loss)), { packets: 0, emitted: LOSS });
  }

  /**
   * What has waited longest; it stays as it is until {@linkcode shift}.
   *
   * @throws {OutputError} If it cannot be read.
   */
  get first(): Waiting | undefined {
    const first = this.#files[0];
    if (first === undefined || first.read === first.end) return undefined;
    try {
      const [length, packets, emitted] = this.#head(first);
      if (this.#buffer.length < length) this.#buffer = new Uint8Array(length);
      const bytes = this.#buffer.subarray(0, length);
      readAt(first.file, bytes, first.read + FRAME_HEAD);
      if (emitted !== LOSS) return { bytes, packets, emitted };
      const loss = JSON.parse(new TextDecoder().decode(bytes)) as Loss;
      return { bytes: bytes.subarray(0, 0), packets, emitted: 0, loss };
    } catch (error) {
      throw failure(this.#folder, "read", error);
    }
  }

  /** Takes out what has waited longest. */
  shift(): void {
    const first = this.#files[0]!;
    const [length, packets] = this.#head(first);
    first.read += FRAME_HEAD + length;
    this.#bytes -= FRAME_HEAD + length;
    if (this.#oldFrames > 0) {
      this.#oldFrames--;
      this.oldPackets -= packets;
    } else {
      this.packets -= packets;
    }
    if (first.read < first.end) return;
    this.#files.shift();
    first.file.close();
    Deno.removeSync(`${this.#folder}/${first.name}`);
  }

  /** Closes it; what waits is there for the next run. */
  [Symbol.dispose](): void {
    for (const { file } of this.#files) file.close();
    this.#lock.close();
  }

  #head({ file, read }: QueueFile): [length: number, packets: number, emitted: number] {
    const head = new Uint32Array(4);
    readAt(file, new Uint8Array(head.buffer), read);
    return [head[0]!, head[1]!, head[2]!];
  }

  #lastFile(): QueueFile {
    const last = this.#files.at(-1);
    if (last !== undefined && last.end < FILE_SIZE) return last;
    const name = String(this.#next++).padStart(DIGITS, "0");
    const options = { read: true, write: true, createNew: true, mode: 0o640 };
    const file = Deno.openSync(`${this.#folder}/${name}`, options);
    const made = { name, file, read: 0, end: 0 };
    this.#files.push(made);
    return made;
  }

  /** Takes over what a former run has left. */
  #find(warn: (message: string) => void): void {
    const names = [...Deno.readDirSync(this.#folder)].map(({ name }) => name)
      .filter((name) => new RegExp(`^\\d{${DIGITS}}$`).test(name)).sort();
    for (const name of names) {
      this.#next = Number(name) + 1;
      const path = `${this.#folder}/${name}`;
      const file = Deno.openSync(path, { read: true, write: true });
      const { size } = file.statSync();
      const found: QueueFile = { name, file, read: 0, end: 0 };
      while (this.#isWhole(found, size)) {
        const [length, packets] = this.#head({ ...found, read: found.end });
        found.end += FRAME_HEAD + length;
        this.#oldFrames++;
        this.oldPackets += packets;
      }
      if (found.end < size) {
        warn(
          `${path}: the last ${size - found.end} bytes were not a whole record and were cut off`,
        );
        file.truncateSync(found.end);
      }
      if (found.end === 0) {
        file.close();
        Deno.removeSync(path);
        continue;
      }
      this.#bytes += found.end;
      this.#files.push(found);
    }
  }

  /** Whether a whole frame follows what was found so far. */
  #isWhole({ file, end }: QueueFile, size: number): boolean {
    if (end + FRAME_HEAD > size) return false;
    const head = new Uint32Array(4);
    readAt(file, new Uint8Array(head.buffer), end);
    const length = head[0]!;
    if (length === 0 || end + FRAME_HEAD + length > size) return false;
    const bytes = new Uint8Array(length);
    readAt(file, bytes, end + FRAME_HEAD);
    return crc32(bytes) === head[3];
  }
}

function writeAt(file: Deno.FsFile, bytes: Uint8Array, offset: number): void {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

function readAt(file: Deno.FsFile, bytes: Uint8Array, offset: number): void {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) throw new Error("it has become shorter; does another program use it?");
    at += count;
  }
}

function failure(folder: string, doing: string, cause: unknown): OutputError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new OutputError(folder, `Cannot ${doing} the spool ${folder}: ${why}`, { cause });
}
