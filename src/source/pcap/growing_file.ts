/**
 * A capture file that another program appends to.
 *
 * @module
 */

import { isSame, unlessAbsent } from "../../files/place.ts";
import { openToRead, type ReadableFile } from "../../files/regular_file.ts";
import type { ByteSource } from "./byte_source.ts";

/** Interval between checks, in milliseconds. */
const FOLLOW_MS = 100;

/** A regular file that grows; a file that replaces it is read next. */
export class GrowingFile implements ByteSource {
  readonly isUnpacked = false;
  readonly mayWait = true;
  readonly #path: string;
  readonly #warn: (message: string) => void;
  #file: ReadableFile;
  /** Whether something other than a regular file has replaced it, which is logged once. */
  #warnedOfType = false;
  #moved = false;
  #closed = false;
  #wake: (() => void) | undefined;

  /**
   * Follows an open file.
   *
   * @param path Its path.
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
    const count = this.#file.readSync(buffer) ?? 0;
    if (count === 0) this.#check();
    return count;
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
    const there = unlessAbsent(() => Deno.statSync(this.#path));
    // In this order, no byte is missed that was appended before the file was replaced.
    const open = this.#file.statSync();
    const { position } = this.#file;
    if (open.size > position) return;
    if (open.size < position) return this.#begin(this.#file, "was cut");
    // A missing file comes back, as a rotated file does.
    if (there === undefined || isSame(there, open)) return;
    if (!there.isFile) return this.#tellStrange();
    const next = this.#open();
    if (next === undefined) return;
    this.#file.close();
    this.#begin(next, "was replaced by another file");
  }

  /** Opens the file that replaced it; undefined if that has changed again. */
  #open(): ReadableFile | undefined {
    try {
      return openToRead(this.#path);
    } catch (error) {
      if (error instanceof Deno.errors.PermissionDenied) throw error;
      if (error instanceof Deno.errors.NotCapable) throw error;
      return undefined;
    }
  }

  #begin(file: ReadableFile, what: string): void {
    this.#file = file;
    file.position = 0;
    this.#moved = true;
    this.#warnedOfType = false;
    this.#warn(`${this.#path} ${what}; it is read from its beginning`);
  }

  #tellStrange(): void {
    if (this.#warnedOfType) return;
    this.#warnedOfType = true;
    this.#warn(
      `${this.#path} was replaced by something that is not a regular file; ` +
        "put a capture file there, and it is read from its beginning",
    );
  }
}
