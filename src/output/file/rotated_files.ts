/**
 * Compresses rotated files, and removes the oldest ones.
 *
 * @module
 */

import { messageOf } from "../../errors.ts";
import { statfsSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { compress, removeUnfinished } from "./compress.ts";
import { COMPRESSED, excessFiles, type FileNames, type OwnFile, plainName } from "./names.ts";
import type { FileOptions } from "./options.ts";
import { unlessAbsent } from "../../files/place.ts";
import { openToRead, openToWrite } from "../../files/regular_file.ts";

/** The largest gzip file that may hold nothing but a header, in bytes. */
const PACKED_MOST = 4096;

/** Manages the rotated files of one output. */
export class RotatedFiles {
  readonly #names: FileNames;
  readonly #options: FileOptions;
  /** Length of the header, which is all of a file without records, in bytes. */
  readonly #headerLength: number;
  readonly #warn: (message: string) => void;
  readonly #stop = new AbortController();
  /** Names of files that are being compressed, or are next. */
  readonly #queue = new Set<string>();
  #compressing: Promise<void> = Promise.resolve();
  /** The last failure that was logged. */
  #logged = "";
  /** Whether files with a time in the future were found, which is logged once. */
  #loggedFuture = false;
  /** Order of the files of this run, by their names before they are compressed. */
  readonly #own = new Map<string, number>();
  #made = 0;

  /**
   * Creates it for one output.
   *
   * @param names Names of its files.
   * @param options Limits and compression.
   * @param headerLength Size of a file without records, in bytes.
   * @param warn Receives failures.
   */
  constructor(
    names: FileNames,
    options: FileOptions,
    headerLength: number,
    warn: (message: string) => void,
  ) {
    this.#names = names;
    this.#options = options;
    this.#headerLength = headerLength;
    this.#warn = warn;
  }

  /** Adds a file of this run: those of other runs are removed before it. */
  add(path: string): void {
    this.#own.set(path.slice(this.#names.folder.length), this.#made++);
  }

  /**
   * Removes files over the limits, and starts compression. Files without records are removed and do
   * not count. Failures are logged, and tried again the next time.
   *
   * @param current The path of the current file.
   */
  tidy(current: string): void {
    try {
      this.#removeUnfinished();
      const files = this.#list(current).filter((file) => !this.#removeIfEmpty(file));
      this.#warnOfFuture(files);
      const gone = this.#surplus(files, current);
      this.#remove(gone);
      this.#logged = "";
      if (this.#options.compress !== "gzip") return;
      for (const { name } of files.slice(gone.length)) {
        if (!name.endsWith(COMPRESSED)) this.#compressLater(name);
      }
    } catch (error) {
      const message = `Cannot tidy rotated files of ${current}: ${messageOf(error)}`;
      if (this.#logged !== message) this.#warn(message);
      this.#logged = message;
    }
  }

  /**
   * Makes room for writing within `total_size`, if the current file has no limit of its own, and
   * `free_space`.
   *
   * @param current The path of the current file.
   * @throws {Error} If there is too little room even without rotated files; the message fits after
   *   a colon.
   */
  makeRoom(current: string): void {
    const { freeSpace, totalSize, rotateSize } = this.#options;
    if (totalSize !== undefined && rotateSize === undefined) this.tidy(current);
    if (freeSpace === undefined || this.#space() >= freeSpace) return;
    for (const file of this.#list(current)) {
      this.#remove([file]);
      if (this.#space() >= freeSpace) return;
    }
    throw new Error(
      `less than free_space = ${freeSpace} bytes would be left on its file system; make room there`,
    );
  }

  /** Aborts compression; an unfinished file stays as it was. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#compressing;
  }

  /** Returns the number of bytes that this user may still write to the file system. */
  #space(): number {
    // A missing folder cannot be measured: opening the file reports it.
    const found = unlessAbsent(() => statfsSync(this.#names.folder || "."));
    return found === undefined ? Infinity : found.bavail * found.bsize;
  }

  #surplus(files: readonly OwnFile[], current: string): OwnFile[] {
    const { rotateKeep = Infinity, totalSize = Infinity, rotateSize } = this.#options;
    // The current file may grow that large.
    const bytes = totalSize - (rotateSize ?? sizeOf(current));
    return excessFiles(files, { keep: rotateKeep, bytes });
  }

  /** Lists the rotated files, the oldest first. */
  #list(current: string): OwnFile[] {
    const { folder } = this.#names;
    const names = [...Deno.readDirSync(folder || ".")]
      .filter(({ name, isFile }) => isFile && this.#names.isEnded(name))
      .map(({ name }) => name)
      .filter((name) => folder + name !== current);
    this.#forget([...names, current.slice(folder.length)]);
    return this.#names.sort(names, Date.now() / 1000, this.#own)
      .map((name) => ({ name, size: sizeOf(folder + name) }));
  }

  /** Forgets files that are gone. */
  #forget(there: readonly string[]): void {
    const names = new Set(there.map(plainName));
    for (const name of this.#own.keys()) if (!names.has(name)) this.#own.delete(name);
  }

  /** Warns of files of former runs whose names have a time in the future. */
  #warnOfFuture(files: readonly OwnFile[]): void {
    const ahead = files.filter(({ name }) =>
      !this.#own.has(plainName(name)) && this.#names.isAhead(name, Date.now() / 1000)
    );
    if (ahead.length === 0 || this.#loggedFuture) return;
    this.#loggedFuture = true;
    this.#warn(
      `${ahead.length} rotated files have a time in the future in their names, such as ` +
        `${ahead[0]!.name}: the clock was wrong; they count as the oldest`,
    );
  }

  /** Removes unfinished compressed files, as a killed run leaves them. */
  #removeUnfinished(): void {
    const { folder } = this.#names;
    for (const { name, isFile } of Deno.readDirSync(folder || ".")) {
      if (!isFile || !this.#names.isUnfinished(name)) continue;
      try {
        removeUnfinished(folder + name);
      } catch {
        // It stays, and is no reason to leave the others alone.
      }
    }
  }

  /** Removes a file without records, as a killed run leaves it; returns whether it had none. */
  #removeIfEmpty({ name, size }: OwnFile): boolean {
    const path = this.#names.folder + name;
    try {
      if (name.endsWith(COMPRESSED)) {
        if (size > PACKED_MOST || !this.#isPackedHeader(path)) return false;
        Deno.removeSync(path);
        return true;
      }
      if (size > this.#headerLength) return false;
      using file = openToWrite(path, { links: "none" }).file;
      // Another run may be about to write to it.
      if (!file.tryLockSync(true) || file.statSync().size > this.#headerLength) return true;
      Deno.removeSync(path);
    } catch {
      // It stays; the other files are still removed.
    }
    return size <= this.#headerLength;
  }

  /** Returns whether a gzip file holds at most a header; one that cannot be unpacked may hold records. */
  #isPackedHeader(path: string): boolean {
    using file = openToRead(path, "none");
    const bytes = new Uint8Array(PACKED_MOST);
    const length = file.readSync(bytes) ?? 0;
    try {
      gunzipSync(bytes.subarray(0, length), { maxOutputLength: Math.max(1, this.#headerLength) });
      return true;
    } catch {
      return false;
    }
  }

  #remove(files: readonly OwnFile[]): void {
    for (const { name } of files) {
      const path = this.#names.folder + name;
      // Who may read a file may lock it: that must not keep this run's own files for ever.
      const isOwn = this.#own.has(plainName(name));
      if (isOwn || !isWritten(path)) unlessAbsent(() => Deno.removeSync(path));
    }
  }

  #compressLater(name: string): void {
    if (this.#queue.has(name)) return;
    this.#queue.add(name);
    this.#compressing = this.#compressing.then(async () => {
      const { signal } = this.#stop;
      try {
        // It may have been removed since.
        if (!signal.aborted && sizeOf(this.#names.folder + name) > 0) {
          await compress(this.#names.folder + name, signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#warn(`Cannot compress ${name}: ${messageOf(error)}; it stays as it is`);
      } finally {
        this.#queue.delete(name);
      }
    });
  }
}

/** Returns whether another process writes a file, as another nfscribe with the same names does. */
function isWritten(path: string): boolean {
  try {
    using file = openToWrite(path, { links: "none" }).file;
    return !file.tryLockSync();
  } catch {
    // nfscribe cannot write it; removing it takes no more than its folder.
    return false;
  }
}

/** Returns a file's length; 0 if another program removed it. */
function sizeOf(path: string): number {
  return unlessAbsent(() => Deno.statSync(path))?.size ?? 0;
}
