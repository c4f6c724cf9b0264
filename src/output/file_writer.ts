/**
 * Files, pipes and standard output as a place for whole records.
 *
 * @module
 */

import { OutputError } from "../errors.ts";
import type { Need } from "../permission.ts";
import type { Writer } from "./output.ts";

/** The path that stands for standard output. */
export const STANDARD_OUTPUT = "-";

/** What a format says about a file that is there already. */
export interface FileFormat {
  /** What a new file begins with. */
  header: Uint8Array;
  /**
   * Looks at a file that is not empty, before it is appended to.
   *
   * @param readAt Reads at an offset into a buffer; returns how many bytes there were.
   * @param size The file's size in bytes.
   * @returns Where its last whole record ends.
   * @throws {Error} If the file is something else; the message says what.
   */
  check(readAt: (offset: number, buffer: Uint8Array) => number, size: number): number;
}

/** The rights that a file takes: appending begins with a look at what is there. */
export function fileNeeds({ path }: { path: string }): Need[] {
  if (path === STANDARD_OUTPUT) return [];
  return [
    { name: "read", value: path, why: "a look at what is there" },
    { name: "write", value: path, why: "appending" },
  ];
}

/** Appends whole records to a regular file, or sends them down a pipe. */
export class FileWriter implements Writer {
  readonly #path: string;
  readonly #file: Deno.FsFile | typeof Deno.stdout;
  /** Size of a regular file up to its last whole record; undefined for anything else. */
  #size: number | undefined;

  private constructor(path: string, file: Deno.FsFile | typeof Deno.stdout, size?: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens a file to append to; the format's header is in it once this returns.
   *
   * @param path The file, which is made if it is not there; `-` is standard output.
   * @param format What the file must hold.
   * @param warn Told if the file's torn end was cut off.
   * @throws {OutputError} If it cannot be opened or holds something else; it is then untouched.
   */
  static async open(
    path: string,
    format: FileFormat,
    warn: (message: string) => void,
  ): Promise<FileWriter> {
    if (path === STANDARD_OUTPUT) return await FileWriter.#stream(path, Deno.stdout, format.header);
    try {
      if (await isStream(path)) {
        return await FileWriter.#stream(
          path,
          await Deno.open(path, { write: true }),
          format.header,
        );
      }
      const options = { read: true, append: true, create: true, mode: 0o640 };
      const file = await Deno.open(path, options);
      try {
        return FileWriter.#append(path, file, format, warn);
      } catch (error) {
        file.close();
        throw error;
      }
    } catch (error) {
      if (error instanceof OutputError) throw error;
      throw new OutputError(path, `Cannot open ${path}: ${reason(error, path)}`, { cause: error });
    }
  }

  static async #stream(
    path: string,
    file: Deno.FsFile | typeof Deno.stdout,
    header: Uint8Array,
  ): Promise<FileWriter> {
    const writer = new FileWriter(path, file);
    await writer.write(header);
    return writer;
  }

  static #append(
    path: string,
    file: Deno.FsFile,
    format: FileFormat,
    warn: (message: string) => void,
  ): FileWriter {
    if (!file.tryLockSync(true)) {
      throw new Error("another process writes it; stop that process, or choose another file");
    }
    const { size } = file.statSync();
    const readAt = (offset: number, buffer: Uint8Array) => {
      file.seekSync(offset, Deno.SeekMode.Start);
      return file.readSync(buffer) ?? 0;
    };
    const end = size === 0 ? 0 : format.check(readAt, size);
    if (end < size) {
      file.truncateSync(end);
      warn(`${path}: the last ${size - end} bytes were not a whole record and were cut off`);
    }
    const writer = new FileWriter(path, file, end);
    if (end === 0) writer.#writeSync(format.header, 0);
    return writer;
  }

  /**
   * Writes whole records: to a regular file at once, to anything else when it
   * takes them.
   *
   * @throws {OutputError} If they could not be written; a regular file ends at a whole record all the same.
   */
  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#size === undefined) return this.#writeAll(bytes);
    this.#writeSync(bytes, this.#size);
  }

  /** Whether it is a pipe, or anything else that is no regular file. */
  get isStream(): boolean {
    return this.#size === undefined;
  }

  /** Closes the file; standard output stays open. */
  close(): Promise<void> {
    if (this.#file !== Deno.stdout) (this.#file as Deno.FsFile).close();
    return Promise.resolve();
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #writeSync(bytes: Uint8Array, size: number): void {
    try {
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
      this.#size = size + bytes.length;
    } catch (error) {
      // Part of a record may be there: the file must not end in it.
      (this.#file as Deno.FsFile).truncateSync(size);
      throw this.#error(error);
    }
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    } catch (error) {
      throw this.#error(error);
    }
  }

  #error(cause: unknown): OutputError {
    const name = this.#path === STANDARD_OUTPUT ? "standard output" : this.#path;
    return new OutputError(this.#path, `Cannot write ${name}: ${reason(cause, this.#path)}`, {
      cause,
    });
  }
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
