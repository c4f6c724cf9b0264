/**
 * One regular file of whole records.
 *
 * @module
 */

/** What a format says about files. */
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
  /** Told that a file begins with nothing but the header. */
  begins?(): void;
}

/** A file that is appended to, and ends at a whole record whatever happens. */
export class RecordFile {
  /** Its path. */
  readonly path: string;
  readonly #file: Deno.FsFile;
  /** Where its last whole record ends. */
  #size: number;
  /** Whether part of a record may lie behind that. */
  #isTorn = false;

  private constructor(path: string, file: Deno.FsFile, size: number) {
    this.path = path;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens a file, or makes it; the format's header is in it then.
   *
   * @param path Its path.
   * @param format What it must hold.
   * @param mode The mode of a new one.
   * @param warn Told if the file's torn end was cut off.
   * @throws What Deno says, or an error whose message stands behind a colon.
   */
  static open(
    path: string,
    format: FileFormat,
    mode: number,
    warn: (message: string) => void,
  ): RecordFile {
    const isLink = refuseStrangeLink(path);
    const there = isLink ? undefined : find(path);
    // What is new is made, so that no link that comes in between is followed.
    const file = there === undefined && !isLink
      ? Deno.openSync(path, { read: true, append: true, createNew: true, mode })
      : Deno.openSync(path, { read: true, append: true });
    try {
      return RecordFile.#begin(path, file, format, warn);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  static #begin(
    path: string,
    file: Deno.FsFile,
    format: FileFormat,
    warn: (message: string) => void,
  ): RecordFile {
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
    const opened = new RecordFile(path, file, end);
    if (end === 0) {
      opened.append(format.header);
      format.begins?.();
    }
    return opened;
  }

  /** Its length in bytes, up to its last whole record. */
  get size(): number {
    return this.#size;
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

  /** Whether it is still what its path names, and nobody has cut it. */
  isThere(): boolean {
    const there = find(this.path);
    if (there === undefined) return false;
    const open = this.#file.statSync();
    return there.ino === open.ino && there.dev === open.dev && open.size >= this.#size;
  }

  /** Closes it. */
  close(): void {
    try {
      this.#mend();
    } finally {
      this.#file.close();
    }
  }

  /** Cuts off part of a record. */
  #mend(): void {
    if (!this.#isTorn) return;
    this.#file.truncateSync(this.#size);
    this.#isTorn = false;
  }
}

/** What a path names; undefined where nothing is there. */
function find(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Refuses a symbolic link in a folder where anybody may put one, as `/tmp`: it may
 * lead to a file that only this user may write. Whether a path is a link.
 */
function refuseStrangeLink(path: string): boolean {
  let isSymlink: boolean;
  try {
    ({ isSymlink } = Deno.lstatSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
  if (!isSymlink) return false;
  const folder = path.slice(0, path.lastIndexOf("/") + 1) || ".";
  const { mode } = Deno.statSync(folder);
  if (mode !== null && (mode & 0o002) !== 0) {
    throw new Error(
      `it is a symbolic link in ${folder}, where anybody may put one; name the file that is meant`,
    );
  }
  return true;
}
