/** Log file. */

import { OutputError } from "../errors.ts";
import { openToWrite } from "../files/regular_file.ts";
import { reason } from "../output/file/failure.ts";

/** File of log lines, which may be moved by other programs. */
export class LogFile {
  readonly #path: string;
  #file: Deno.FsFile;
  /** Whether the last line was cut, as on a full disk. */
  #isTorn = false;

  /**
   * Opens the file; a new one gets mode 0640.
   *
   * @throws {OutputError} If it cannot be opened.
   */
  constructor(path: string) {
    this.#path = path;
    this.#file = open(path);
  }

  /**
   * Appends a line.
   *
   * @param line Line with its newline.
   * @throws {Error} If the line was written in part or not at all; the next one then starts on a new line.
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
   * Opens the path again, after the file was moved.
   *
   * @throws {OutputError} If it cannot be opened; the former file stays open.
   */
  reopen(): void {
    const file = open(this.#path);
    this.#file.close();
    this.#file = file;
    this.#isTorn = false;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function open(path: string): Deno.FsFile {
  try {
    return openToWrite(path, { append: true, mode: 0o640 }).file;
  } catch (error) {
    throw new OutputError(path, `Cannot open the log ${path}: ${reason(error, path)}`, {
      cause: error,
    });
  }
}
