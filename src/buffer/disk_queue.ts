/**
 * Queue of records on disk: files of frames, appended at one end, read and removed at the other.
 * The rest of a run is read by the next one.
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

/** Least number of digits of a file's name, so that names sort like numbers. */
const DIGITS = 10;
/** Names of files: numbers. */
const NAME = /^\d{10,15}$/;
/** Limit of a file's number, so that names keep their length. */
const NUMBER_END = 900_000_000_000_000;

/** First-in, first-out queue in a folder, limited in bytes. */
export class DiskQueue implements Disposable {
  /** Packets of this run that were lost because their file became unreadable. */
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
   * Opens a queue; creates the folder if it is missing.
   *
   * @param folder Folder, used by this queue alone.
   * @param limit Limit in bytes.
   * @param warn Receives messages about unusable files.
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

  /** Queued packets of this run. */
  get packets(): number {
    return this.#packets(false);
  }

  /** Queued packets of former runs. */
  get oldPackets(): number {
    return this.#packets(true);
  }

  /** Queued bytes. */
  get bytes(): number {
    return this.#files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Whether the queue is empty. */
  get isEmpty(): boolean {
    return this.#files.every(({ bytes }) => bytes === 0);
  }

  /** Whether the oldest element is of a former run. */
  get isFirstOld(): boolean {
    return this.#files[0]?.isOld === true;
  }

  /**
   * Appends records.
   *
   * @param bytes Whole records.
   * @param batch Counts of the records.
   * @returns Whether there was room within the limit.
   * @throws {OutputError} If the disk cannot be written; earlier records stay whole.
   */
  push(bytes: Uint8Array, batch: Batch): boolean {
    if (this.bytes + FRAME_HEAD + bytes.length > this.#limit) return false;
    this.#append((file) => file.append(bytes, batch));
    return true;
  }

  /** Appends a note that packets were lost before the next records, regardless of the limit. */
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
   * Oldest element; unchanged until {@linkcode shift}. An unreadable file is set aside.
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

  /** Removes the oldest element. */
  shift(): void {
    const file = this.#files[0]!;
    // An unreadable file is set aside by the next read.
    if (!file.shift() || file.bytes > 0) return;
    this.#files.shift();
    file.close();
    if (file.isDamaged) setAside(file.path, "the rest of it was written", this.#warn);
    else Deno.removeSync(file.path);
  }

  /** Closes the queue; its elements stay for the next run. */
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
    // It is reopened to be read: a long queue needs only one descriptor.
    last?.close();
    const name = String(this.#next).padStart(DIGITS, "0");
    const made = QueueFile.create(`${this.#folder}/${name}`, this.#buffer);
    this.#next++;
    this.#files.push(made);
    return made;
  }

  /** Adopts the files of former runs. */
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

  /** Adopts a file; only the last one may end within a frame. */
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
