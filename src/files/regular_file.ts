/**
 * Opens regular files at paths that other users may change.
 *
 * Something else in a file's place does no harm: it is checked before it is opened, opened without
 * waiting for the other end of a named pipe, and compared with what was checked before a byte is
 * read or written.
 */

import { nodeFs } from "../builtin_modules.ts";
import { type Links, lookAt, NotRegularError, REMOVE_IT, requireSame } from "./place.ts";

/** Options for opening a file to write. */
export interface WriteOptions {
  /** Whether every write goes to the end that the file then has. */
  append?: boolean;
  /** Mode of a new file; if absent, no file is created. */
  mode?: number;
  /**
   * Links that are followed.
   *
   * @default {"trusted"}
   */
  links?: Links;
}

/** An opened file. */
export interface OpenedFile {
  file: Deno.FsFile;
  /** Its properties after the open. */
  info: Deno.FileInfo;
  /** Whether it was created. */
  isNew: boolean;
}

/**
 * Opens a regular file for reading and writing.
 *
 * @param path The file.
 * @param options How to open it.
 * @throws The error of Deno, or one whose message fits after a colon; whatever is there stays
 *   untouched.
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
 * Creates a file for reading and writing; a link that appears in between is not followed.
 *
 * @param path The file.
 * @param options How to open it; the mode is set whatever the process's umask.
 * @throws The error of Deno, such as `AlreadyExists`.
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
 * Sets the mode of an opened file, and of no file that replaced it.
 *
 * @param path The file.
 * @param opened Properties after the open.
 * @throws {Error} If something else is there; the message fits after a colon.
 */
export function setMode(path: string, opened: Deno.FileInfo, mode: number): void {
  const { closeSync, fchmodSync, fstatSync } = nodeFs();
  const fd = openReadable(path, "none");
  try {
    requireSame(opened, fstatSync(fd));
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

/**
 * Opens a regular file for reading.
 *
 * @param path The file; links are followed, unless `links` forbids it.
 * @param links `none` refuses a link.
 * @throws The error of Deno, or one whose message fits after a colon.
 */
export function openToRead(path: string, links: "all" | "none" = "all"): ReadableFile {
  // Opening a device may have an effect, so the path is checked first.
  const there = links === "none" ? lookAt(path, links) : Deno.statSync(path);
  if (there !== undefined) requireRegular(there);
  const fd = openReadable(path, links);
  const { closeSync, fstatSync } = nodeFs();
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
 * @throws The error of Deno, or one whose message fits after a colon.
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

/** A regular file opened for reading, with the methods of `Deno.FsFile`. */
export class ReadableFile implements Disposable {
  /** Offset of the next read, in bytes. */
  position = 0;
  readonly #fd: number;
  #isClosed = false;
  /** Number of reads on other threads: the descriptor is closed after the last one. */
  #reading = 0;

  /** Takes over an open descriptor and closes it. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Reads; returns null at the end of the file. */
  readSync(buffer: Uint8Array): number | null {
    this.#requireOpen();
    const count = nodeFs().readSync(this.#fd, buffer, 0, buffer.length, this.position);
    return this.#passed(buffer, count);
  }

  /** Reads on another thread; returns null at the end of the file. */
  read(buffer: Uint8Array): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#requireOpen();
      const { closeSync, read } = nodeFs();
      this.#reading++;
      read(this.#fd, buffer, 0, buffer.length, this.position, (error, count) => {
        this.#reading--;
        if (this.#isClosed && this.#reading === 0) closeSync(this.#fd);
        if (error) reject(error);
        else resolve(this.#passed(buffer, count));
      });
    });
  }

  /** Returns the file's current properties. */
  statSync(): { size: number; mode: number; ino: number; dev: number } {
    return nodeFs().fstatSync(this.#fd);
  }

  /** Closes it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#reading === 0) nodeFs().closeSync(this.#fd);
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
 * @throws {NotRegularError} If it is something else; the message names its kind, and fits after a
 *   colon.
 */
function requireRegular(info: Kinds): void {
  if (info.isFile) return;
  throw new NotRegularError(kindOf(info), info.isDirectory ? "name a file in it" : REMOVE_IT);
}

/** Properties that show the kind of a file. */
type Kinds =
  & Pick<Deno.FileInfo, "isFile" | "isDirectory" | "isSymlink">
  & Partial<Pick<Deno.FileInfo, "isFifo" | "isSocket">>;

/** Returns the kind of something that is not a regular file, such as `a named pipe`. */
export function kindOf({ isDirectory, isSymlink, isFifo, isSocket }: Kinds): string {
  if (isDirectory) return "a folder";
  if (isSymlink) return "a symbolic link";
  if (isFifo === true) return "a named pipe";
  if (isSocket === true) return "a socket";
  return "a device";
}

function openReadable(path: string, links: "all" | "none"): number {
  const { constants: { O_NOFOLLOW, O_NONBLOCK, O_RDONLY }, openSync } = nodeFs();
  try {
    // Does not wait for the writer of a named pipe.
    return openSync(path, O_RDONLY | O_NONBLOCK | (links === "none" ? O_NOFOLLOW : 0));
  } catch (error) {
    throw asDeno(error);
  }
}

/** Converts an error of Node, which has a code, to Deno's class of error. */
function asDeno(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (code === "ENOENT") return new Deno.errors.NotFound(message);
  if (code === "EACCES" || code === "EPERM") return new Deno.errors.PermissionDenied(message);
  if (code === "ELOOP") return new NotRegularError("a symbolic link", REMOVE_IT);
  return error;
}
