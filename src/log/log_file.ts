/**
 * The file of nfscribe's own log.
 *
 * @module
 */

import { OutputError } from "../errors.ts";
import { openToWrite } from "../files/regular_file.ts";

/** A file that lines are appended to, and that may be moved away. */
export class LogFile {
  readonly #path: string;
  #file: Deno.FsFile;
  /** Whether the last line was cut off, as on a full disk. */
  #isTorn = false;

  /**
   * Opens it, with mode 0640 if it is new.
   *
   * @param path The file.
   * @throws {OutputError} If it cannot be opened.
   */
  constructor(path: string) {
    this.#path = path;
    this.#file = open(path);
  }

  /**
   * Appends a line.
   *
   * @param line The line, with its newline.
   * @throws If not all of it could be written; the next line then begins on one of its own.
   */
  write(line: string): void {
    const bytes = new TextEncoder().encode(this.#isTorn ? `\n${line}` : line);
    let at = 0;
    try {
      while (at < bytes.length) at += this.#file.writeSync(bytes.subarray(at));
    } finally {
      if (at > 0) this.#isTorn = at < bytes.length;
    }
  }

  /**
   * Opens its path anew, after somebody moved the file away.
   *
   * @throws {OutputError} If it cannot be opened; the file before stays in use.
   */
  reopen(): void {
    const file = open(this.#path);
    this.#file.close();
    this.#file = file;
    this.#isTorn = false;
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function open(path: string): Deno.FsFile {
  try {
    return openToWrite(path, { append: true, mode: 0o640 }).file;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OutputError(path, `Cannot open the log ${path}: ${why}`, { cause: error });
  }
}
