/** A regular file of whole records. */

import { messageOf } from "../../errors.ts";
import { closeLocked, tryLock } from "../../files/locked_file.ts";
import { isSame, unlessAbsent } from "../../files/place.ts";
import { openToWrite } from "../../files/regular_file.ts";

/** Reads at an offset into a buffer; returns the number of bytes read. */
export type ReadAt = (offset: number, buffer: Uint8Array) => number;

/** State of the end of a file. */
export interface FileEnd {
  /** Offset after its last whole record. */
  end: number;
  /** Bytes that must be written before the next record. */
  missing?: Uint8Array;
}

/** Properties of a file format. */
export interface FileFormat {
  /** Header of a new file. */
  header: Uint8Array;
  /** End of a file that is closed; records that are appended later replace it. */
  trailer?: Uint8Array;
  /**
   * Checks a file that is not empty before it is appended to.
   *
   * @param readAt Reads the file.
   * @param size The file's size in bytes, without the trailer.
   * @throws {Error} If the file has another format; the message says which.
   */
  check(readAt: ReadAt, size: number): FileEnd;
  /**
   * Called when the next bytes go to another file.
   *
   * @param isNew Whether it holds only the header; otherwise it is the file that was checked last.
   */
  opens?(isNew: boolean): void;
}

/** Options for opening a file. */
export interface RecordFileOptions {
  /** The required format. */
  format: FileFormat;
  /** Mode of a new file. */
  mode: number;
  /** Receives a warning if the torn end was cut off. */
  warn: (message: string) => void;
}

/** A file that is appended to, and ends at a whole record even after errors. */
export class RecordFile {
  readonly path: string;
  readonly #file: Deno.FsFile;
  readonly #options: RecordFileOptions;
  /** Properties of the opened file; Deno cannot read them any more if the path is invalid. */
  readonly #opened: Deno.FileInfo;
  /** Offset after its last whole record. */
  #size = 0;
  /** Whether part of a record may follow that offset. */
  #isTorn = false;

  private constructor(
    path: string,
    file: Deno.FsFile,
    opened: Deno.FileInfo,
    options: RecordFileOptions,
  ) {
    this.path = path;
    this.#file = file;
    this.#opened = opened;
    this.#options = options;
  }

  /**
   * Opens or creates a file; afterwards it contains the format's header.
   *
   * @throws The error of Deno, or one whose message fits after a colon; an existing file is then
   *   unchanged, and a missing one was not created.
   */
  static open(path: string, options: RecordFileOptions): RecordFile {
    const { file, info, isNew } = openToWrite(path, { append: true, mode: options.mode });
    try {
      if (!tryLock(file)) {
        throw new Error("another process writes it; stop that process, or choose another file");
      }
      const opened = new RecordFile(path, file, info, options);
      opened.goOn();
      return opened;
    } catch (error) {
      file.close();
      if (isNew) Deno.removeSync(path);
      throw error;
    }
  }

  /** Its length in bytes, up to its last whole record. */
  get size(): number {
    return this.#size;
  }

  /** Whether it has a record. */
  get hasRecords(): boolean {
    return this.#size > this.#options.format.header.length;
  }

  /** Time of the last write before it was opened, in milliseconds since the Unix epoch. */
  get modifiedMs(): number {
    return this.#opened.mtime?.getTime() ?? Date.now();
  }

  /** Whether another program truncated it, as `copytruncate` does. */
  get isCut(): boolean {
    return this.#length() < this.#size;
  }

  /**
   * Continues after the last whole record; afterwards the file contains the format's header.
   *
   * @throws The error of Deno, or one whose message fits after a colon.
   */
  goOn(): void {
    const { format, warn } = this.#options;
    const size = this.#length();
    const content = size - this.#trailerLength(size);
    const { end, missing } = size === 0 ? { end: 0 } : format.check(this.#readAt, content);
    if (end < size) this.#file.truncateSync(end);
    if (end < content) {
      warn(
        `${this.path}: the last ${content - end} bytes were not a whole record and were cut off`,
      );
    }
    this.#size = end;
    this.#isTorn = false;
    if (end === 0) this.append(format.header);
    else if (missing !== undefined) this.append(missing);
    format.opens?.(end === 0);
  }

  /**
   * Appends whole records.
   *
   * @throws The error of Deno; the file still ends at a whole record, at the latest before the next
   *   write.
   */
  append(bytes: Uint8Array): void {
    this.#mend();
    this.#isTorn = true;
    try {
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
      this.#size += bytes.length;
      this.#isTorn = false;
    } catch (error) {
      try {
        this.#mend();
      } catch {
        // The disk may be gone: mending is tried again before the next write.
      }
      throw error;
    }
  }

  /**
   * Returns whether its path still names the file.
   *
   * @throws The error of Deno if that cannot be checked.
   */
  isThere(): boolean {
    const there = unlessAbsent(() => Deno.statSync(this.path));
    return there !== undefined && isSame(there, this.#opened);
  }

  /** Removes the file if its path still names it. Must be called before it is closed. */
  remove(): void {
    if (this.isThere()) unlessAbsent(() => Deno.removeSync(this.path));
  }

  /** Writes the format's trailer and closes the file. */
  close(): void {
    try {
      this.#mend();
      this.#end();
    } catch {
      this.#options.warn(
        `${this.path}: part of a record stays at its end, for it cannot be cut off`,
      );
    } finally {
      closeLocked(this.#file);
    }
  }

  readonly #readAt: ReadAt = (offset, buffer) => {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    return this.#file.readSync(buffer) ?? 0;
  };

  /** Writes the trailer. */
  #end(): void {
    const { format: { trailer }, warn } = this.#options;
    if (trailer === undefined) return;
    try {
      this.append(trailer);
    } catch (error) {
      warn(
        `Cannot write the end of ${this.path}: ${
          messageOf(error)
        }; the document in it is not closed`,
      );
    }
  }

  /** Returns the length of the trailer at the file's end; 0 if there is none. */
  #trailerLength(size: number): number {
    const { trailer } = this.#options.format;
    return trailer !== undefined && endsWith(this.#readAt, size, trailer) ? trailer.length : 0;
  }

  /** Returns the length by a seek, because Deno's stat uses the path as well. */
  #length(): number {
    return this.#file.seekSync(0, Deno.SeekMode.End);
  }

  /** Cuts off part of a record. */
  #mend(): void {
    if (!this.#isTorn) return;
    this.#file.truncateSync(this.#size);
    this.#isTorn = false;
  }
}

/** Returns whether the bytes before an offset are these. */
export function endsWith(readAt: ReadAt, end: number, expected: Uint8Array): boolean {
  if (end < expected.length) return false;
  const found = new Uint8Array(expected.length);
  readAt(end - found.length, found);
  return found.every((byte, at) => byte === expected[at]);
}
