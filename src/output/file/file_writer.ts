/**
 * Regular files as a place for whole records.
 *
 * @module
 */

import { messageOf, type OutputError } from "../../errors.ts";
import { isTaken } from "../../files/place.ts";
import type { Writer } from "../output.ts";
import { RotatedFiles } from "./rotated_files.ts";
import { failure, reason } from "./failure.ts";
import { COMPRESSED, FileNames } from "./names.ts";
import { DEFAULT_MODE, type FileOptions, isRotated } from "./options.ts";
import { type FileFormat, RecordFile } from "./record_file.ts";

/** How often a file is looked for under its path, and how soon what failed is tried again, in milliseconds. */
const LOOK_MS = 1000;

/** Appends whole records to a regular file, and begins the next one where options ask for it. */
export class FileWriter implements Writer {
  /** A regular file takes what it gets. */
  readonly isStream = false;
  readonly #options: FileOptions;
  readonly #format: FileFormat;
  readonly #warn: (message: string) => void;
  readonly #names: FileNames;
  readonly #ended: RotatedFiles | undefined;
  #file: RecordFile;
  /** The multiple of `rotateSeconds` that the file belongs to. */
  #period = 0;
  /** When to look for the file again, by `performance.now()`. */
  #lookMs = 0;
  /** When the file may be ended at the earliest, by `performance.now()`. */
  #rotateMs = 0;
  /** Why nothing may be written until the next look. */
  #full: OutputError | undefined;
  /** Whether ended files of former runs were looked after. */
  #isTidy = false;
  /** What could not be done last, and was told. */
  #told: "look" | "end" | undefined;

  /**
   * Opens a file to append to; the format's header is in it once this returns.
   *
   * @throws {OutputError} If it cannot be opened or holds something else; it is then untouched.
   */
  constructor(options: FileOptions, format: FileFormat, warn: (message: string) => void) {
    this.#options = options;
    this.#format = format;
    this.#warn = warn;
    this.#names = new FileNames(options.path);
    if (isRotated(options) || options.freeSpace !== undefined) {
      this.#ended = new RotatedFiles(this.#names, options, format.header.length, warn);
    }
    this.#file = this.#open();
  }

  /**
   * Writes whole records.
   *
   * @throws {OutputError} If they could not be written; the file ends at a whole record all the same.
   */
  write(bytes: Uint8Array): void {
    this.makeReady(bytes.length);
    this.append(bytes);
  }

  /**
   * Looks whether the file is the right one for so many bytes more, and opens the
   * right one if not. Nothing but {@linkcode append} may come between this and the
   * bytes, where they depend on what the file holds.
   *
   * @throws {OutputError} If nothing may be written.
   */
  makeReady(length: number): void {
    const now = performance.now();
    if (now >= this.#lookMs) {
      this.#lookMs = now + LOOK_MS;
      this.#lookForIt();
      this.#lookForRoom();
    }
    if (this.#full !== undefined) throw this.#full;
    if (now >= this.#rotateMs && this.#isOver(length)) this.#rotate(now);
    try {
      if (this.#file.isCut) this.#goOn();
    } catch (error) {
      throw failure(this.#file.path, "write", error);
    }
  }

  /**
   * Writes whole records to the file that {@linkcode makeReady} chose.
   *
   * @throws {OutputError} If they could not be written; the file ends at a whole record all the same.
   */
  append(bytes: Uint8Array): void {
    if (!this.#isTidy) {
      // Not at the start: starts that come to nothing must not cost what was recorded.
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
   * Opens the path anew, after somebody moved the file away. A file that is still
   * there is gone on with.
   *
   * @throws {OutputError} If that cannot be; the file before stays in use.
   */
  reopen(): void {
    try {
      if (this.#file.isThere()) return;
    } catch (error) {
      throw failure(this.#file.path, "look at", error);
    }
    this.#replace();
  }

  /** Closes the file; one with its time in its name is removed if nothing was recorded in it. */
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
      this.#period = this.#periodOf(file.modifiedMs);
      return file;
    } catch (error) {
      throw failure(path, "open", error);
    }
  }

  /** Whether the file has come to its end, before so many bytes more. */
  #isOver(length: number): boolean {
    const { rotateSize = Infinity } = this.#options;
    const { size, hasRecords } = this.#file;
    const period = this.#periodOf(Date.now());
    if (hasRecords) return size + length > rotateSize || period !== this.#period;
    // What holds nothing yet may as well belong to now.
    this.#period = period;
    return false;
  }

  #periodOf(ms: number): number {
    const { rotateSeconds } = this.#options;
    return rotateSeconds === undefined ? 0 : Math.floor(ms / (rotateSeconds * 1000));
  }

  /** Ends the file and begins the next one. */
  #rotate(now: number): void {
    const { path } = this.#file;
    try {
      if (this.#names.isTimed || !this.#file.isThere()) this.#replace();
      else this.#rename();
    } catch (error) {
      this.#rotateMs = now + LOOK_MS;
      this.#tellOnce("end", `Cannot end ${path}: ${reason(error, path)}; it grows on`);
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
    } catch (error) {
      // It is the current one again.
      if (!isTaken(path)) Deno.renameSync(ended, path);
      throw error;
    }
  }

  /** Opens the path; the file before is closed only then. */
  #replace(): void {
    const old = this.#file;
    this.#file = this.#open();
    this.#told = undefined;
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

  /** Opens the path anew if the file is not there any more. */
  #lookForIt(): void {
    const { path } = this.#file;
    try {
      if (!this.#file.isThere()) {
        this.#replace();
        this.#warn(`${path} was moved or removed; ${this.#file.path} was opened anew`);
      }
      if (this.#told === "look") this.#told = undefined;
    } catch (error) {
      this.#tellOnce(
        "look",
        `${path} was moved or removed: ${reason(error, path)}; the file before is written on`,
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

  /** Goes on with a file that somebody has cut. */
  #goOn(): void {
    this.#file.goOn();
    this.#warn(`${this.#file.path} was cut by somebody; what comes now follows what is left`);
  }

  #tellOnce(what: "look" | "end", message: string): void {
    if (this.#told !== what) this.#warn(message);
    this.#told = what;
  }
}

/**
 * The first path that names nothing, and will not once it is compressed.
 *
 * @param make Makes the path of an attempt; 0 is the first.
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
