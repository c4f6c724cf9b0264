/**
 * One regular file of whole records.
 *
 * @module
 */

import { isSame, unlessAbsent } from "../../files/place.ts";
import { openToWrite } from "../../files/regular_file.ts";

/** What a file ends with. */
export interface FileEnd {
  /** Where its last whole record ends. */
  end: number;
  /** What the file lacks before the next record may follow. */
  missing?: Uint8Array;
}

/** What a format says about files. */
export interface FileFormat {
  /** What a new file begins with. */
  header: Uint8Array;
  /**
   * Looks at a file that is not empty, before it is appended to.
   *
   * @param readAt Reads at an offset into a buffer; returns how many bytes there were.
   * @param size The file's size in bytes.
   * @throws {Error} If the file is something else; the message says what.
   */
  check(readAt: (offset: number, buffer: Uint8Array) => number, size: number): FileEnd;
  /**
   * Told that what is written next goes into another file.
   *
   * @param isNew Whether that holds nothing but the header; else it is the one that was checked last.
   */
  opens?(isNew: boolean): void;
}

/** How a file is opened. */
export interface RecordFileOptions {
  /** What it must hold. */
  format: FileFormat;
  /** The mode of a new one. */
  mode: number;
  /** Told if its torn end was cut off. */
  warn: (message: string) => void;
}

/** A file that is appended to, and ends at a whole record whatever happens. */
export class RecordFile {
  /** Its path. */
  readonly path: string;
  readonly #file: Deno.FsFile;
  readonly #options: RecordFileOptions;
  /** What was opened; Deno cannot tell it any more once the path is odd. */
  readonly #opened: Deno.FileInfo;
  /** Where its last whole record ends. */
  #size = 0;
  /** Whether part of a record may lie behind that. */
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
   * Opens a file, or makes it; the format's header is in it then.
   *
   * @throws What Deno says, or an error whose message stands behind a colon; what
   * was there is untouched then, and what was not there still is not.
   */
  static open(path: string, options: RecordFileOptions): RecordFile {
    const { file, info, isNew } = openToWrite(path, { append: true, mode: options.mode });
    try {
      if (!file.tryLockSync(true)) {
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

  /** Whether it holds a record. */
  get hasRecords(): boolean {
    return this.#size > this.#options.format.header.length;
  }

  /** When it was written last before it was opened, in milliseconds since the Unix epoch. */
  get modifiedMs(): number {
    return this.#opened.mtime?.getTime() ?? Date.now();
  }

  /** Whether somebody has cut it, as `copytruncate` does. */
  get isCut(): boolean {
    return this.#length() < this.#size;
  }

  /**
   * Goes on where its last whole record ends; the format's header is in it then.
   *
   * @throws What Deno says, or an error whose message stands behind a colon.
   */
  goOn(): void {
    const { format, warn } = this.#options;
    const size = this.#length();
    const { end, missing } = size === 0 ? { end: 0 } : format.check(this.#readAt, size);
    if (end < size) {
      this.#file.truncateSync(end);
      warn(`${this.path}: the last ${size - end} bytes were not a whole record and were cut off`);
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
   * @throws What Deno says; the file ends at a whole record all the same, at the
   * latest before the next one is written.
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
        // The disk may be gone: it is tried again before the next write.
      }
      throw error;
    }
  }

  /**
   * Whether it is still what its path names.
   *
   * @throws What Deno says, where that cannot be seen.
   */
  isThere(): boolean {
    const there = unlessAbsent(() => Deno.statSync(this.path));
    return there !== undefined && isSame(there, this.#opened);
  }

  /** Removes the file, where its path still names it. To be called before it is closed. */
  remove(): void {
    if (this.isThere()) unlessAbsent(() => Deno.removeSync(this.path));
  }

  /** Closes it. */
  close(): void {
    try {
      this.#mend();
    } catch {
      this.#options.warn(
        `${this.path}: part of a record stays at its end, for it cannot be cut off`,
      );
    } finally {
      this.#file.close();
    }
  }

  readonly #readAt = (offset: number, buffer: Uint8Array): number => {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    return this.#file.readSync(buffer) ?? 0;
  };

  /** Asked by a seek, for Deno looks at the path as well where it is asked for the file's state. */
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
