/** Compresses rotated files, and removes the oldest ones. */

import { nodeFs, nodeZlib } from "../../builtin_modules.ts";
import { messageOf } from "../../errors.ts";
import { compress, removeUnfinished } from "./compress.ts";
import { COMPRESSED, excessFiles, type FileNames, type OwnFile, plainName } from "./names.ts";
import type { FileOptions } from "./options.ts";
import { unlessAbsent } from "../../files/place.ts";
import { openToRead, openToWrite } from "../../files/regular_file.ts";

/** The largest gzip file that may hold nothing but a header, in bytes. */
const PACKED_MOST = 4096;
/**
 * Size of a folder from which its files are looked at in pauses, in bytes: some hundred to thousand
 * names, by file system.
 */
const LARGE_FOLDER = 65_536;
/** Time between two pauses of looking at files, in milliseconds. */
const SLICE_MS = 2;

/** Manages the rotated files of one output. */
export class RotatedFiles {
  readonly #names: FileNames;
  readonly #options: FileOptions;
  /** Length of a file without records, which has a header and perhaps a trailer, in bytes. */
  readonly #emptyLength: number;
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
  #current = "";
  #mustTidy = false;
  #tidying: Promise<void> | undefined;
  /** Time of the last pause, by `performance.now()`. */
  #sliceMs = 0;
  #hurries = false;

  /**
   * Creates it for one output.
   *
   * @param names Names of its files.
   * @param options Limits and compression.
   * @param emptyLength Size of a file without records, in bytes.
   * @param warn Receives failures.
   */
  constructor(
    names: FileNames,
    options: FileOptions,
    emptyLength: number,
    warn: (message: string) => void,
  ) {
    this.#names = names;
    this.#options = options;
    this.#emptyLength = emptyLength;
    this.#warn = warn;
  }

  /** Adds a file of this run: those of other runs are removed before it. */
  add(path: string): void {
    this.#own.set(path.slice(this.#names.folder.length), this.#made++);
  }

  /**
   * Removes files over the limits, and starts compression; in pauses of the caller if the folder
   * holds many files. Files without records are removed and do not count. Failures are logged, and
   * tried again the next time.
   *
   * @param current The path of the current file.
   */
  tidy(current: string): void {
    this.#current = current;
    this.#mustTidy = true;
    if (this.#tidying !== undefined) return;
    try {
      if (this.#isLarge()) this.#tidying = this.#tidyInPauses();
      else for (const _ of this.#tidySteps(this.#entries(), this.#made));
    } catch (error) {
      this.#warnOnce(error);
    }
  }

  /** Does in pauses what {@linkcode tidy} does at once in a small folder. */
  async #tidyInPauses(): Promise<void> {
    while (this.#mustTidy) {
      this.#mustTidy = false;
      try {
        const made = this.#made;
        const entries = await Array.fromAsync(Deno.readDir(this.#names.folder || "."));
        for (const _ of this.#tidySteps(entries, made)) await this.#pause();
      } catch (error) {
        this.#warnOnce(error);
      }
    }
    this.#tidying = undefined;
  }

  /**
   * Looks at a file, or removes one, in each step.
   *
   * @param entries Contents of the folder.
   * @param made Files of this run that were made before it was read.
   */
  *#tidySteps(entries: readonly Deno.DirEntry[], made: number): Generator<void> {
    this.#removeUnfinished(entries);
    const files: OwnFile[] = [];
    for (const name of this.#rotatedIn(entries, this.#current, made)) {
      const file = { name, size: sizeOf(this.#names.folder + name) };
      if (!this.#removeIfEmpty(file)) files.push(file);
      yield;
    }
    this.#warnOfFuture(files);
    const gone = this.#surplus(files, this.#current);
    for (const file of gone) {
      this.#remove(file);
      yield;
    }
    this.#logged = "";
    if (this.#options.compress !== "gzip") return;
    for (const { name } of files.slice(gone.length)) {
      if (!name.endsWith(COMPRESSED)) this.#compressLater(name);
    }
  }

  /** Lets packets be written once enough files were looked at. */
  async #pause(): Promise<void> {
    if (this.#hurries || performance.now() - this.#sliceMs < SLICE_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.#sliceMs = performance.now();
  }

  #warnOnce(error: unknown): void {
    const message = `Cannot tidy rotated files of ${this.#current}: ${messageOf(error)}`;
    if (this.#logged !== message) this.#warn(message);
    this.#logged = message;
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
    for (const name of this.#rotatedIn(this.#entries(), current, this.#made)) {
      this.#remove({ name });
      if (this.#space() >= freeSpace) return;
    }
    throw new Error(
      `less than free_space = ${freeSpace} bytes would be left on its file system; make room there`,
    );
  }

  /** Ends without pauses, and aborts compression; an unfinished file stays as it was. */
  async close(): Promise<void> {
    this.#hurries = true;
    await this.#tidying;
    this.#stop.abort();
    await this.#compressing;
  }

  /** Returns the number of bytes that this user may still write to the file system. */
  #space(): number {
    // A missing folder cannot be measured: opening the file reports it.
    const found = unlessAbsent(() => nodeFs().statfsSync(this.#names.folder || "."));
    return found === undefined ? Infinity : found.bavail * found.bsize;
  }

  #surplus(files: readonly OwnFile[], current: string): OwnFile[] {
    const { rotateKeep = Infinity, totalSize = Infinity, rotateSize } = this.#options;
    // The current file may grow that large.
    const bytes = totalSize - (rotateSize ?? sizeOf(current));
    return excessFiles(files, { keep: rotateKeep, bytes });
  }

  /** Whether the folder may hold very many files. */
  #isLarge(): boolean {
    return Deno.statSync(this.#names.folder || ".").size > LARGE_FOLDER;
  }

  #entries(): Deno.DirEntry[] {
    return [...Deno.readDirSync(this.#names.folder || ".")];
  }

  /** Lists the names of the rotated files, the oldest first. */
  #rotatedIn(entries: readonly Deno.DirEntry[], current: string, made: number): string[] {
    const { folder } = this.#names;
    const names = entries.filter(({ name, isFile }) => isFile && this.#names.isEnded(name))
      .map(({ name }) => name)
      .filter((name) => folder + name !== current);
    this.#forget([...names, current.slice(folder.length)], made);
    return this.#names.sort(names, Date.now() / 1000, this.#own);
  }

  /** Forgets files that were made before the folder was read, and are gone. */
  #forget(there: readonly string[], made: number): void {
    const names = new Set(there.map(plainName));
    for (const [name, order] of this.#own) {
      if (order < made && !names.has(name)) this.#own.delete(name);
    }
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
  #removeUnfinished(entries: readonly Deno.DirEntry[]): void {
    const { folder } = this.#names;
    for (const { name, isFile } of entries) {
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
      if (size > this.#emptyLength) return false;
      using file = openToWrite(path, { links: "none" }).file;
      // Another run may be about to write to it.
      if (!file.tryLockSync(true) || file.statSync().size > this.#emptyLength) return true;
      Deno.removeSync(path);
    } catch {
      // It stays; the other files are still removed.
    }
    return size <= this.#emptyLength;
  }

  /** Returns whether a gzip file holds no records; one that cannot be unpacked may hold some. */
  #isPackedHeader(path: string): boolean {
    using file = openToRead(path, "none");
    const bytes = new Uint8Array(PACKED_MOST);
    const length = file.readSync(bytes) ?? 0;
    try {
      nodeZlib().gunzipSync(bytes.subarray(0, length), {
        maxOutputLength: Math.max(1, this.#emptyLength),
      });
      return true;
    } catch {
      return false;
    }
  }

  #remove({ name }: Pick<OwnFile, "name">): void {
    const path = this.#names.folder + name;
    // Who may read a file may lock it: that must not keep this run's own files for ever.
    const isOwn = this.#own.has(plainName(name));
    if (isOwn || !isWritten(path)) unlessAbsent(() => Deno.removeSync(path));
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
