/**
 * Files, pipes and standard output as a place for whole records.
 *
 * @module
 */

import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import type { Writer } from "../output.ts";
import { EndedFiles } from "./ended_files.ts";
import { FileNames } from "./names.ts";
import { DEFAULT_MODE, type FileOptions, isRotated, STANDARD_OUTPUT, TIME } from "./options.ts";
import { type FileFormat, RecordFile } from "./record_file.ts";

/** How often a file is looked for under its path, in milliseconds. */
const LOOK_MS = 1000;

/** The rights that a file takes: appending begins with a look at what is there. */
export function fileNeeds(options: FileOptions): Need[] {
  const { path, makeFolders, freeSpace } = options;
  if (path === STANDARD_OUTPUT) return [];
  const folder = path.slice(0, path.lastIndexOf("/") + 1) || "./";
  const place = isRotated(options) || makeFolders === true ? folder : path;
  const needs: Need[] = [
    { name: "read", value: place, why: "a look at what is there" },
    { name: "write", value: place, why: "appending" },
  ];
  if (freeSpace !== undefined) {
    needs.push({ name: "read", value: folder, why: "free space on its file system" });
    needs.push({ name: "sys", value: "statfs", why: "free space on its file system" });
  }
  return needs;
}

/** Sends whole records down a pipe. */
export class StreamWriter implements Writer {
  /** Somebody at another end must take the bytes. */
  readonly isStream = true;
  readonly #path: string;
  readonly #file: Deno.FsFile | typeof Deno.stdout;

  /** Use {@linkcode openFile}. */
  constructor(path: string, file: Deno.FsFile | typeof Deno.stdout) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Writes whole records when the other end takes them.
   *
   * @throws {OutputError} If they could not be written.
   */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    } catch (error) {
      throw failure(this.#path, "write", error);
    }
  }

  /** Closes the pipe; standard output stays open. */
  close(): Promise<void> {
    if (this.#file !== Deno.stdout) (this.#file as Deno.FsFile).close();
    return Promise.resolve();
  }

  /** Closes the pipe. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Appends whole records to a regular file, and begins the next one where options ask for it. */
export class FileWriter implements Writer {
  /** A regular file takes what it gets. */
  readonly isStream = false;
  readonly #options: FileOptions;
  readonly #format: FileFormat;
  readonly #warn: (message: string) => void;
  readonly #names: FileNames;
  readonly #ended: EndedFiles | undefined;
  #file: RecordFile;
  /** When the file is to end, in milliseconds since the Unix epoch. */
  #endMs = Infinity;
  #lookMs = 0;
  /** What went wrong when the file was to be opened again; told once. */
  #told: string | undefined;

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
    if (isRotated(options)) this.#ended = new EndedFiles(this.#names, options, warn);
    this.#file = this.#open();
    this.#lookMs = performance.now() + LOOK_MS;
    this.#ended?.tidy(this.#file.path);
  }

  /**
   * Looks whether the file is the right one for so many bytes more, and opens the
   * right one if not. {@linkcode write} does so, too.
   *
   * @throws {OutputError} If nothing may be written.
   */
  makeReady(length: number): void {
    const now = performance.now();
    if (now >= this.#lookMs) {
      this.#lookMs = now + LOOK_MS;
      this.#look();
    }
    const { rotateSize = Infinity } = this.#options;
    const isFull = this.#file.size + length > rotateSize &&
      this.#file.size > this.#format.header.length;
    if (isFull || Date.now() >= this.#endMs) this.#rotate();
  }

  /**
   * Writes whole records.
   *
   * @throws {OutputError} If they could not be written; the file ends at a whole record all the same.
   */
  write(bytes: Uint8Array): void {
    this.makeReady(bytes.length);
    try {
      this.#file.append(bytes);
    } catch (error) {
      throw failure(this.#file.path, "write", error);
    }
  }

  /**
   * Opens the path anew, after somebody moved the file away.
   *
   * @throws {OutputError} If that cannot be; the file before stays in use.
   */
  reopen(): void {
    if (this.#names.isTimed || this.#file.isThere()) return;
    const old = this.#file;
    this.#file = this.#open();
    old.close();
    this.#told = undefined;
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#ended?.close();
    this.#file.close();
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): RecordFile {
    const { mode = DEFAULT_MODE, makeFolders, rotateSeconds } = this.#options;
    const seconds = Math.floor(Date.now() / 1000);
    const path = this.#names.isTimed ? this.#unused(seconds) : this.#names.current(seconds);
    try {
      if (makeFolders === true && this.#names.folder !== "") {
        Deno.mkdirSync(this.#names.folder, { recursive: true, mode: 0o750 });
      }
      const file = RecordFile.open(path, this.#format, Number.parseInt(mode, 8), this.#warn);
      if (rotateSeconds !== undefined) {
        this.#endMs = (Math.floor(seconds / rotateSeconds) + 1) * rotateSeconds * 1000;
      }
      return file;
    } catch (error) {
      throw failure(path, "open", error);
    }
  }

  /** A path with the time in it that names no file yet. */
  #unused(seconds: number): string {
    for (let attempt = 0;; attempt++) {
      const path = this.#names.current(seconds, attempt);
      if (!isTaken(path)) return path;
    }
  }

  /** Ends the file and begins the next one. */
  #rotate(): void {
    const old = this.#file;
    let endedPath: string | undefined;
    if (!this.#names.isTimed) {
      const seconds = Math.floor(Date.now() / 1000);
      for (let attempt = 0; endedPath === undefined; attempt++) {
        const path = this.#names.ended(seconds, attempt);
        if (!isTaken(path)) endedPath = path;
      }
    }
    try {
      if (endedPath !== undefined) Deno.renameSync(old.path, endedPath);
      this.#file = this.#open();
    } catch (error) {
      this.#tellOnce(`Cannot end ${old.path}: ${reason(error, old.path)}; it grows on`);
      // It is tried again when it is looked at next.
      this.#endMs = Date.now() + LOOK_MS;
      return;
    }
    this.#told = undefined;
    old.close();
    this.#ended?.tidy(this.#file.path);
  }

  /** Whether the file was moved away or cut, and whether there is room. */
  #look(): void {
    if (!this.#file.isThere()) {
      const { path } = this.#file;
      try {
        const old = this.#file;
        this.#file = this.#open();
        old.close();
        this.#warn(`${path} was moved, removed or cut; ${this.#file.path} was opened anew`);
        this.#told = undefined;
      } catch (error) {
        this.#tellOnce(`${path} was moved, removed or cut. ${(error as Error).message}`);
      }
    }
    try {
      this.#ended?.makeRoom(this.#file.path);
    } catch (error) {
      throw failure(this.#file.path, "write", error);
    }
  }

  #tellOnce(message: string): void {
    if (this.#told !== message) this.#warn(message);
    this.#told = message;
  }
}

/**
 * Opens a file, a pipe or standard output to append to; the format's header is in
 * it once this returns.
 *
 * @param options Where and how.
 * @param format What it must hold.
 * @param warn Told if the file's torn end was cut off, and later on if the file was moved away.
 * @throws {OutputError} If it cannot be opened or holds something else; it is then untouched.
 */
export async function openFile(
  options: FileOptions,
  format: FileFormat,
  warn: (message: string) => void,
): Promise<FileWriter | StreamWriter> {
  const { path } = options;
  if (path === STANDARD_OUTPUT) return await begun(new StreamWriter(path, Deno.stdout), format);
  try {
    if (!path.includes(TIME) && await isStream(path)) {
      const file = await Deno.open(path, { write: true });
      return await begun(new StreamWriter(path, file), format);
    }
    return new FileWriter(options, format, warn);
  } catch (error) {
    if (error instanceof OutputError) throw error;
    throw failure(path, "open", error);
  }
}

async function begun(writer: StreamWriter, format: FileFormat): Promise<StreamWriter> {
  await writer.write(format.header);
  format.begins?.();
  return writer;
}

function isTaken(path: string): boolean {
  for (const taken of [path, `${path}.gz`]) {
    try {
      Deno.lstatSync(taken);
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return false;
}

function failure(path: string, doing: string, cause: unknown): OutputError {
  const name = path === STANDARD_OUTPUT ? "standard output" : path;
  return new OutputError(path, `Cannot ${doing} ${name}: ${reason(cause, path)}`, { cause });
}

/** Whether there is something that cannot be looked into: a pipe, a device. */
async function isStream(path: string): Promise<boolean> {
  try {
    const info = await Deno.stat(path);
    return !info.isFile && !info.isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function isGranted(name: "read" | "write", path: string): boolean {
  return Deno.permissions.querySync({ name, path }).state === "granted";
}

/** What is wrong and what to do. */
function reason(error: unknown, path: string): string {
  if (error instanceof Deno.errors.NotCapable) {
    if (isGranted("read", path) && isGranted("write", path)) {
      return "Deno opens files of the system's own folders only with --allow-all; " +
        "choose another file, or - for standard output";
    }
    return `Deno was started without that right; run again with --allow-read=${path} --allow-write=${path}`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system denies it to this user; check the owner and the mode of the file and its folder";
  }
  if (error instanceof Deno.errors.NotFound) return "its folder does not exist; make it first";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder; name a file in it";
  if (error instanceof Deno.errors.BrokenPipe) return "the reader at its other end is gone";
  return error instanceof Error ? error.message : String(error);
}
