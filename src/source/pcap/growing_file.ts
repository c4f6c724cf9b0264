/** A capture file that another program appends to. */

import { isSame, unlessAbsent } from "../../files/place.ts";
import { openToRead, type ReadableFile } from "../../files/regular_file.ts";
import type { ByteSource } from "./byte_source.ts";
import { reason } from "./open_error.ts";

/** Interval between checks, in milliseconds. */
const FOLLOW_MS = 100;

/**
 * A regular file that grows; a file that replaces it is read next. Others may change the path as
 * they like: what cannot be read is waited for.
 */
export class GrowingFile implements ByteSource {
  readonly isUnpacked = false;
  readonly mayWait = true;
  readonly #path: string;
  readonly #warn: (message: string) => void;
  #file: ReadableFile;
  /** Whether a warning that the path cannot be read was logged. */
  #warned = false;
  /** Whether the file is of no use. */
  #isIgnored = false;
  #moved = false;
  #closed = false;
  #wake: (() => void) | undefined;

  /**
   * Follows an open file.
   *
   * @param file The file, at its beginning; closed with this object.
   * @param warn Receives a warning if it was truncated or replaced.
   */
  constructor(path: string, file: ReadableFile, warn: (message: string) => void) {
    this.#path = path;
    this.#file = file;
    this.#warn = warn;
  }

  /**
   * Reads the bytes that are available; returns 0 also after the file was replaced, until
   * {@linkcode moved} is called.
   */
  readSync(buffer: Uint8Array<ArrayBuffer>): number | null {
    if (this.#closed) return null;
    // The bytes read before belong to another file.
    if (this.#moved) return 0;
    try {
      const count = this.#isIgnored ? 0 : this.#file.readSync(buffer) ?? 0;
      if (count === 0) this.#check();
      return count;
    } catch (error) {
      this.#warnOnce(
        `cannot be read: ${reason(this.#path, error)}; it is read once that is possible`,
      );
      return 0;
    }
  }

  /** Reads no more of this file, but of one that replaces it, and of this one once it was cut. */
  ignore(): void {
    this.#isIgnored = true;
    this.#file.position = this.#file.statSync().size;
  }

  /** Reads bytes as they come; returns 0 after the file was replaced. */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      const count = this.readSync(buffer);
      if (count !== 0 || this.#moved) return count;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, FOLLOW_MS);
      await promise;
      clearTimeout(timer);
    }
  }

  /** Returns whether the file was replaced since the last call. */
  moved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** Closes it; a pending read ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    this.#wake?.();
  }

  /** Checks whether the file was truncated or replaced. */
  #check(): void {
    const look = attempt(() => unlessAbsent(() => Deno.statSync(this.#path)));
    // In this order, no byte is missed that was appended before the file was replaced.
    const open = this.#file.statSync();
    const { position } = this.#file;
    if (open.size < position) return this.#begin(this.#file, "was cut");
    if (this.#isIgnored) this.#file.position = open.size;
    else if (open.size > position) return;
    const there = look();
    // A missing file comes back, as a rotated file does.
    if (there === undefined) return;
    if (isSame(there, open)) {
      this.#warned = false;
      return;
    }
    if (!there.isFile) {
      return this.#warnOnce(
        "was replaced by something that is not a regular file; put a capture file there, and it is " +
          "read from its beginning",
      );
    }
    const next = unlessAbsent(() => openToRead(this.#path));
    if (next === undefined) return;
    this.#file.close();
    this.#begin(next, "was replaced by another file");
  }

  #begin(file: ReadableFile, what: string): void {
    this.#file = file;
    file.position = 0;
    this.#moved = true;
    this.#warned = false;
    this.#isIgnored = false;
    this.#warn(`${this.#path} ${what}; it is read from its beginning`);
  }

  /** Logs once what is wrong with the path. */
  #warnOnce(what: string): void {
    if (!this.#warned) this.#warn(`${this.#path} ${what}`);
    this.#warned = true;
  }
}

/** Calls a function; its result is returned, or its error thrown, when that is asked for. */
function attempt<Result>(work: () => Result): () => Result {
  try {
    const result = work();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
