/**
 * Opens regular files at paths that others may change.
 *
 * Whatever has been put in a file's place is met without harm: it is looked at before
 * it is opened, opened without waiting for the other end of a named pipe, and compared
 * with what was looked at before a byte is read or written.
 *
 * @module
 */

import { closeSync, constants, fchmodSync, fstatSync, openSync, read, readSync } from "node:fs";
import { type Links, lookAt, NotRegularError, REMOVE_IT, requireSame } from "./place.ts";

/** `O_RDONLY | O_NONBLOCK` (fcntl.h): without waiting for the writer of a named pipe. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/** How a file is opened to be written. */
export interface WriteOptions {
  /** Whether what is written goes to the end, wherever that is by then. */
  append?: boolean;
  /** The mode of a new file; without it none is made. */
  mode?: number;
  /**
   * Links that are followed.
   *
   * @default {"trusted"}
   */
  links?: Links;
}

/** A file that was opened. */
export interface OpenedFile {
  /** The file. */
  file: Deno.FsFile;
  /** What it was once it was open. */
  info: Deno.FileInfo;
  /** Whether it was made. */
  isNew: boolean;
}

/**
 * Opens a regular file to read and write it.
 *
 * @param path The file.
 * @param options How.
 * @throws What Deno says, or an error whose message stands behind a colon; what was there is untouched then.
 */
export function openToWrite(path: string, options: WriteOptions = {}): OpenedFile {
  const { append = false, mode, links } = options;
  const there = lookAt(path, links);
  if (there === undefined && mode !== undefined) {
    const { file, info } = makeFile(path, { append, mode });
    return { file, info, isNew: true };
  }
  if (there !== undefined) requireRegular(there);
  // With the right to read, too, opening a named pipe does not wait (fifo(7)).
  const file = Deno.openSync(path, { read: true, write: !append, append });
  try {
    const info = file.statSync();
    requireRegular(info);
    if (there !== undefined) requireSame(there, info);
    return { file, info, isNew: false };
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * Makes a file to read and write it; a link that comes in between is not followed.
 *
 * @param path The file.
 * @param options How; the mode holds whatever the process's mask takes away.
 * @throws What Deno says, as `AlreadyExists`.
 */
export function makeFile(
  path: string,
  { append = false, mode }: { append?: boolean; mode: number },
): Omit<OpenedFile, "isNew"> {
  const file = Deno.openSync(path, { read: true, write: true, append, createNew: true, mode });
  try {
    const info = file.statSync();
    if (((info.mode ?? mode) & 0o777) !== mode) setMode(path, info, mode);
    return { file, info };
  } catch (error) {
    file.close();
    Deno.removeSync(path);
    throw error;
  }
}

/**
 * Sets the mode of a file that is open, and of none that took its place.
 *
 * @param path The file.
 * @param opened What was opened.
 * @param mode The mode.
 * @throws {Error} If something else is there; the message stands behind a colon.
 */
export function setMode(path: string, opened: Deno.FileInfo, mode: number): void {
  const fd = openReadable(path, constants.O_NOFOLLOW);
  try {
    requireSame(opened, fstatSync(fd));
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

/**
 * Opens a regular file to read it.
 *
 * @param path The file; links are followed, but where `links` forbids it.
 * @param links `none` refuses a link.
 * @throws What Deno says, or an error whose message stands behind a colon.
 */
export function openToRead(path: string, links: "all" | "none" = "all"): ReadableFile {
  // A device may do something when it is opened: it is looked at first.
  const there = links === "none" ? lookAt(path, links) : Deno.statSync(path);
  if (there !== undefined) requireRegular(there);
  const fd = openReadable(path, links === "none" ? constants.O_NOFOLLOW : 0);
  try {
    const info = fstatSync(fd);
    requireRegular({
      isFile: info.isFile(),
      isDirectory: info.isDirectory(),
      isSymlink: false,
      isFifo: info.isFIFO(),
      isSocket: info.isSocket(),
    });
    if (there !== undefined) requireSame(there, info);
    return new ReadableFile(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * Reads the text of a regular file.
 *
 * @param path The file; links are followed.
 * @returns Its text and its mode.
 * @throws What Deno says, or an error whose message stands behind a colon.
 */
export function readText(path: string): { text: string; mode: number } {
  using file = openToRead(path);
  const { size, mode } = file.statSync();
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(Math.min(size, 65_536) + 1);
  let text = "";
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return { text: text + decoder.decode(), mode };
}

/** A regular file that is only read; its methods are those of `Deno.FsFile`. */
export class ReadableFile implements Disposable {
  /** Where the next read begins, in bytes. */
  position = 0;
  readonly #fd: number;
  #isClosed = false;
  /** Reads on other threads: the descriptor is closed behind the last one. */
  #reading = 0;

  /** Takes an open descriptor, which is closed with this. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Reads; null at the end of the file. */
  readSync(buffer: Uint8Array): number | null {
    this.#requireOpen();
    const count = readSync(this.#fd, buffer, 0, buffer.length, this.position);
    return this.#passed(buffer, count);
  }

  /** Reads on another thread; null at the end of the file. */
  read(buffer: Uint8Array): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#requireOpen();
      this.#reading++;
      read(this.#fd, buffer, 0, buffer.length, this.position, (error, count) => {
        this.#reading--;
        if (this.#isClosed && this.#reading === 0) closeSync(this.#fd);
        if (error) reject(error);
        else resolve(this.#passed(buffer, count));
      });
    });
  }

  /** The file at the moment. */
  statSync(): { size: number; mode: number; ino: number; dev: number } {
    return fstatSync(this.#fd);
  }

  /** Closes it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#reading === 0) closeSync(this.#fd);
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.close();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("the file is closed");
  }

  #passed(buffer: Uint8Array, count: number): number | null {
    this.position += count;
    return count === 0 && buffer.length > 0 ? null : count;
  }
}

/**
 * Requires a regular file.
 *
 * @throws {NotRegularError} If it is something else; the message tells what, and stands behind a colon.
 */
function requireRegular(info: Kinds): void {
  if (info.isFile) return;
  throw new NotRegularError(kindOf(info), info.isDirectory ? "name a file in it" : REMOVE_IT);
}

/** What tells the kind of a file. */
type Kinds =
  & Pick<Deno.FileInfo, "isFile" | "isDirectory" | "isSymlink">
  & Partial<Pick<Deno.FileInfo, "isFifo" | "isSocket">>;

/** Returns what something is that is no regular file, as in `a named pipe`. */
export function kindOf({ isDirectory, isSymlink, isFifo, isSocket }: Kinds): string {
  if (isDirectory) return "a folder";
  if (isSymlink) return "a symbolic link";
  if (isFifo === true) return "a named pipe";
  if (isSocket === true) return "a socket";
  return "a device";
}

function openReadable(path: string, flags: number): number {
  try {
    return openSync(path, READ_FLAGS | flags);
  } catch (error) {
    throw asDeno(error);
  }
}

/** Node's errors have codes where Deno's have classes. */
function asDeno(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (code === "ENOENT") return new Deno.errors.NotFound(message);
  if (code === "EACCES" || code === "EPERM") return new Deno.errors.PermissionDenied(message);
  if (code === "ELOOP") return new NotRegularError("a symbolic link", REMOVE_IT);
  return error;
}
