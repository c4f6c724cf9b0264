/** Writes whole records to regular files, and rotates them. */

import { messageOf, type OutputError } from "../../errors.ts";
import { isTaken } from "../../files/place.ts";
import type { Writer } from "../output.ts";
import { RotatedFiles } from "./rotated_files.ts";
import { failure, reason } from "./failure.ts";
import { COMPRESSED, FileNames } from "./names.ts";
import { DEFAULT_MODE, type FileOptions, isRotated } from "./options.ts";
import { type FileFormat, RecordFile } from "./record_file.ts";

/** Interval in milliseconds of checks that the path still names the file, and of retries. */
const CHECK_MS = 1000;

/** Appends whole records to a regular file, and rotates it as the options say. */
export class FileWriter implements Writer {
  /** Always false: a regular file does not block. */
  readonly isStream = false;
  readonly #options: FileOptions;
  readonly #format: FileFormat;
  readonly #warn: (message: string) => void;
  readonly #names: FileNames;
  readonly #ended: RotatedFiles | undefined;
  #file: RecordFile;
  /** The multiple of `rotateSeconds` that the file belongs to. */
  #period = 0;
  /** Time of the next check of the path, by `performance.now()`. */
  #checkMs = 0;
  /** Earliest time of the next rotation, by `performance.now()`. */
  #rotateMs = 0;
  /** Error that forbids writing until the next check. */
  #full: OutputError | undefined;
  /** Whether rotated files of earlier runs were tidied. */
  #isTidy = false;
  /** The last failure that was logged. */
  #logged: "check" | "rotate" | undefined;

  /**
   * Opens a file to append to; afterwards it contains the format's header.
   *
   * @throws {OutputError} If it cannot be opened or has other contents; it is then unchanged.
   */
  constructor(options: FileOptions, format: FileFormat, warn: (message: string) => void) {
    this.#options = options;
    this.#format = format;
    this.#warn = warn;
    this.#names = new FileNames(options.path);
    if (isRotated(options) || options.freeSpace !== undefined) {
      const empty = format.header.length + (format.trailer?.length ?? 0);
      this.#ended = new RotatedFiles(this.#names, options, empty, warn);
    }
    this.#file = this.#open();
  }

  /**
   * Writes whole records.
   *
   * @throws {OutputError} If they could not be written; the file still ends at a whole record.
   */
  write(bytes: Uint8Array): void {
    this.makeReady(bytes.length);
    this.append(bytes);
  }

  /**
   * Checks whether the file is the right one for so many more bytes, and opens the right one if
   * not. If the bytes depend on the contents of the file, only {@linkcode append} may be called
   * next.
   *
   * @throws {OutputError} If nothing may be written.
   */
  makeReady(length: number): void {
    const now = performance.now();
    if (now >= this.#checkMs) {
      this.#checkMs = now + CHECK_MS;
      this.#checkPath();
      this.#lookForRoom();
    }
    if (this.#full !== undefined) throw this.#full;
    if (now >= this.#rotateMs && this.#mustRotate(length)) this.#rotate(now);
    try {
      if (this.#file.isCut) this.#continueAfterCut();
    } catch (error) {
      throw failure(this.#file.path, "write", error);
    }
  }

  /**
   * Writes whole records to the file that {@linkcode makeReady} chose.
   *
   * @throws {OutputError} If they could not be written; the file still ends at a whole record.
   */
  append(bytes: Uint8Array): void {
    if (!this.#isTidy) {
      // Not at the start: a start that fails must not remove recorded packets.
      this.#isTidy = true;
      this.#ended?.tidy(this.#file.path);
    }
    try {
      this.#file.append(bytes);
    } catch (error) {
      throw failure(this.#file.path, "write", error);
    }
  }

  /**
   * Reopens the path after another program moved the file away. If the file is still there, writing
   * continues in it.
   *
   * @throws {OutputError} If that fails; the previous file stays in use.
   */
  reopen(): void {
    try {
      if (this.#file.isThere()) return;
    } catch (error) {
      throw failure(this.#file.path, "look at", error);
    }
    this.#replace();
  }

  /** Closes the file; removes one with its time in its name if it has no records. */
  async close(): Promise<void> {
    await this.#ended?.close();
    this.#leave(this.#file);
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): RecordFile {
    const { mode = DEFAULT_MODE, makeFolders } = this.#options;
    const path = this.#names.isTimed
      ? firstFree((attempt) => this.#names.current(nowSeconds(), attempt))
      : this.#options.path;
    try {
      if (makeFolders === true && this.#names.folder !== "") {
        Deno.mkdirSync(this.#names.folder, { recursive: true, mode: 0o750 });
      }
      const file = RecordFile.open(path, {
        format: this.#format,
        mode: Number.parseInt(mode, 8),
        warn: this.#warn,
      });
      // A new file's time is that of the file system's server, whose clock may be another one.
      this.#period = this.#periodOf(file.hasRecords ? file.modifiedMs : Date.now());
      if (this.#names.isTimed) this.#ended?.add(path);
      return file;
    } catch (error) {
      throw failure(path, "open", error);
    }
  }

  /** Returns whether the file must be rotated before so many more bytes. */
  #mustRotate(length: number): boolean {
    const { rotateSize = Infinity } = this.#options;
    const { size, hasRecords } = this.#file;
    const period = this.#periodOf(Date.now());
    if (hasRecords) return size + length > rotateSize || period !== this.#period;
    // An empty file may as well belong to the current period.
    this.#period = period;
    return false;
  }

  #periodOf(ms: number): number {
    const { rotateSeconds } = this.#options;
    return rotateSeconds === undefined ? 0 : Math.floor(ms / (rotateSeconds * 1000));
  }

  /** Rotates the file. */
  #rotate(now: number): void {
    const { path } = this.#file;
    try {
      if (this.#names.isTimed || !this.#file.isThere()) this.#replace();
      else this.#rename();
    } catch (error) {
      this.#rotateMs = now + CHECK_MS;
      this.#warnOnce("rotate", `Cannot end ${path}: ${reason(error, path)}; it keeps growing`);
      return;
    }
    this.#ended?.tidy(this.#file.path);
  }

  #rename(): void {
    const { path } = this.#file;
    const ended = firstFree((attempt) => this.#names.ended(nowSeconds(), attempt));
    Deno.renameSync(path, ended);
    try {
      this.#replace();
      this.#ended?.add(ended);
    } catch (error) {
      // It is the current file again.
      if (!isTaken(path)) Deno.renameSync(ended, path);
      throw error;
    }
  }

  /** Opens the path; the previous file is closed only if that succeeds. */
  #replace(): void {
    const old = this.#file;
    this.#file = this.#open();
    this.#logged = undefined;
    this.#leave(old);
  }

  #leave(file: RecordFile): void {
    try {
      if (this.#names.isTimed && !file.hasRecords) file.remove();
    } catch (error) {
      this.#warn(`Cannot remove ${file.path}, which holds no record: ${messageOf(error)}`);
    }
    file.close();
  }

  /** Reopens the path if the file is missing. */
  #checkPath(): void {
    const { path } = this.#file;
    try {
      if (!this.#file.isThere()) {
        this.#replace();
        this.#warn(`${path} was moved or removed; ${this.#file.path} was reopened`);
      }
      if (this.#logged === "check") this.#logged = undefined;
    } catch (error) {
      this.#warnOnce(
        "check",
        `${path} was moved or removed: ${
          reason(error, path)
        }; writing continues in the previous file`,
      );
    }
  }

  #lookForRoom(): void {
    this.#full = undefined;
    try {
      this.#ended?.makeRoom(this.#file.path);
    } catch (error) {
      this.#full = failure(this.#file.path, "write", error);
    }
  }

  /** Continues a file that another program truncated. */
  #continueAfterCut(): void {
    this.#file.goOn();
    this.#warn(
      `${this.#file.path} was truncated by another program; new records follow what is left`,
    );
  }

  #warnOnce(what: "check" | "rotate", message: string): void {
    if (this.#logged !== what) this.#warn(message);
    this.#logged = what;
  }
}

/**
 * Returns the first path that names nothing, neither itself nor its compressed file.
 *
 * @param make Returns the path of an attempt; 0 is the first.
 */
function firstFree(make: (attempt: number) => string): string {
  for (let attempt = 0;; attempt++) {
    const path = make(attempt);
    if (!isTaken(path) && !isTaken(path + COMPRESSED)) return path;
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
