/**
 * Records that wait on disk: files of frames, written at one end, read and
 * removed at the other. What is left of a run is there for the next one.
 *
 * @module
 */

import { messageOf, OutputError } from "../errors.ts";
import { setAside } from "../files/set_aside.ts";
import { NotRegularError } from "../files/place.ts";
import { lockSpool } from "./spool_folder.ts";
import type { Loss } from "../record/loss.ts";
import type { Batch, Waiting } from "./memory_queue.ts";
import { FRAME_HEAD, FrameBuffer, QueueFile } from "./queue_file.ts";

/** Digits of a file's name at least, so that names sort as numbers do. */
const DIGITS = 10;
/** Names of files: numbers. */
const NAME = /^\d{10,15}$/;
/** The number of a file is lower, so that names never get longer than they may be. */
const NUMBER_END = 900_000_000_000_000;

/** A first-in, first-out queue in a folder, bounded in bytes. */
export class DiskQueue implements Disposable {
  /** Packets of this run that were lost, because their file cannot be read any more. */
  lost = 0;
  readonly #folder: string;
  readonly #limit: number;
  readonly #warn: (message: string) => void;
  readonly #files: QueueFile[] = [];
  readonly #buffer = new FrameBuffer();
  #next = 1;
  #lock: Deno.FsFile;

  private constructor(
    folder: string,
    limit: number,
    warn: (message: string) => void,
    lock: Deno.FsFile,
  ) {
    this.#folder = folder;
    this.#limit = limit;
    this.#warn = warn;
    this.#lock = lock;
  }

  /**
   * Opens a queue; the folder is made if it is not there.
   *
   * @param folder The folder, used by this queue alone.
   * @param limit How much may wait, in bytes.
   * @param warn Told of files that cannot be used, or not to their end.
   * @throws {OutputError} If it cannot be used.
   */
  static open(folder: string, limit: number, warn: (message: string) => void): DiskQueue {
    let lock: Deno.FsFile | undefined;
    try {
      lock = lockSpool(folder);
      const queue = new DiskQueue(folder, limit, warn, lock);
      queue.#find();
      return queue;
    } catch (error) {
      lock?.close();
      throw failure(folder, "use", error);
    }
  }

  /** Packets of this run that wait. */
  get packets(): number {
    return this.#packets(false);
  }

  /** Packets of former runs that wait. */
  get oldPackets(): number {
    return this.#packets(true);
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#files.every(({ bytes }) => bytes === 0);
  }

  /** Whether what has waited longest is a former run's. */
  get isFirstOld(): boolean {
    return this.#files[0]?.isOld === true;
  }

  /**
   * Writes records to the end.
   *
   * @param bytes Whole records.
   * @param batch What they are.
   * @returns Whether there was room within the limit.
   * @throws {OutputError} If the disk takes nothing more; what was there stays whole.
   */
  push(bytes: Uint8Array, batch: Batch): boolean {
    if (this.bytes + FRAME_HEAD + bytes.length > this.#limit) return false;
    this.#append((file) => file.append(bytes, batch));
    return true;
  }

  /** Notes that packets were lost before what comes next; the limit does not hold for it. */
  pushLoss(loss: Loss): void {
    this.#append((file) => file.appendLoss(loss));
  }

  #append(write: (file: QueueFile) => void): void {
    try {
      write(this.#lastFile());
    } catch (error) {
      throw failure(this.#folder, "write into", error);
    }
  }

  /**
   * What has waited longest; it stays as it is until {@linkcode shift}. A file
   * that cannot be read any more is set aside.
   *
   * @throws {OutputError} If it cannot be read at the moment.
   */
  get first(): Waiting | undefined {
    for (let file = this.#files[0]; file !== undefined; file = this.#files[0]) {
      if (file.bytes === 0) return undefined;
      const first = this.#firstOf(file);
      if (first !== undefined) return first;
      if (!file.isOld) this.lost += file.packets;
      this.#files.shift();
      file.close();
      setAside(file.path, `${file.packets} packets in it cannot be read any more`, this.#warn);
    }
    return undefined;
  }

  /** Takes out what has waited longest. */
  shift(): void {
    const file = this.#files[0]!;
    // What cannot be read is set aside by the next look.
    if (!file.shift() || file.bytes > 0) return;
    this.#files.shift();
    file.close();
    if (file.isDamaged) setAside(file.path, "the rest of it was written", this.#warn);
    else Deno.removeSync(file.path);
  }

  /** Closes it; what waits is there for the next run. */
  [Symbol.dispose](): void {
    for (const file of this.#files) file.close();
    this.#lock.close();
  }

  #firstOf(file: QueueFile): Waiting | undefined {
    try {
      return file.first;
    } catch (error) {
      throw failure(this.#folder, "read", error);
    }
  }

  #packets(old: boolean): number {
    return this.#files.reduce((sum, file) => file.isOld === old ? sum + file.packets : sum, 0);
  }

  #lastFile(): QueueFile {
    const last = this.#files.at(-1);
    if (last?.hasRoom) return last;
    // It is opened again when its turn comes: a long queue does not need as many descriptors.
    last?.close();
    const name = String(this.#next).padStart(DIGITS, "0");
    const made = QueueFile.create(`${this.#folder}/${name}`, this.#buffer);
    this.#next++;
    this.#files.push(made);
    return made;
  }

  /** Takes over what a former run has left. */
  #find(): void {
    const names = [...Deno.readDirSync(this.#folder)].map(({ name }) => name)
      .filter((name) => NAME.test(name)).sort((a, b) => Number(a) - Number(b));
    for (const name of names) {
      const path = `${this.#folder}/${name}`;
      if (Number(name) >= NUMBER_END) {
        setAside(path, "nfscribe gives no file such a number", this.#warn);
      } else {
        this.#next = Number(name) + 1;
        this.#take(path, name === names.at(-1));
      }
    }
  }

  /** Takes over a file; only the last one may have been cut off in the middle of a frame. */
  #take(path: string, isLast: boolean): void {
    const looked = this.#look(path);
    if (looked === undefined) return;
    const { found, rest } = looked;
    const isTorn = isLast && rest.isTorn;
    if (rest.bytes > 0 && isTorn) {
      this.#warn(`${path}: the last ${rest.bytes} bytes were not a whole record and were cut off`);
    }
    if (found.bytes === 0) {
      if (rest.bytes > 0 && !isTorn) setAside(path, "it holds no record", this.#warn);
      else Deno.removeSync(path);
      return;
    }
    if (isTorn) found.cutOff();
    else if (rest.bytes > 0) {
      found.isDamaged = true;
      this.#warn(
        `${path}: the last ${rest.bytes} bytes are damaged; what is before them is written, then the file is set aside`,
      );
    }
    this.#files.push(found);
  }

  #look(path: string) {
    try {
      return QueueFile.find(path, this.#buffer);
    } catch (error) {
      if (error instanceof NotRegularError) setAside(path, error.message, this.#warn);
      else if (error instanceof Deno.errors.PermissionDenied) {
        this.#warn(
          `${path}: the system denies it to this user; check its owner and mode: what it holds waits for the next start`,
        );
      } else throw error;
      return undefined;
    }
  }
}

function failure(folder: string, doing: string, cause: unknown): OutputError {
  return new OutputError(folder, `Cannot ${doing} the spool ${folder}: ${messageOf(cause)}`, {
    cause,
  });
}
