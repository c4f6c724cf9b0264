/**
 * A capture file that somebody appends to.
 *
 * @module
 */

import { isSame, unlessAbsent } from "../../files/place.ts";
import { openToRead, type ReadableFile } from "../../files/regular_file.ts";
import type { ByteSource } from "./byte_source.ts";

/** How often it is looked at, in milliseconds. */
const FOLLOW_MS = 100;

/** A regular file that grows; one that takes its place is read next. */
export class GrowingFile implements ByteSource {
  readonly isUnpacked = false;
  readonly mayWait = true;
  readonly #path: string;
  readonly #warn: (message: string) => void;
  #file: ReadableFile;
  /** Whether something else than a file is in its place, and that was told. */
  #toldStrange = false;
  #moved = false;
  #closed = false;
  #wake: (() => void) | undefined;

  /**
   * Takes an open file.
   *
   * @param path Where it is.
   * @param file It, at its beginning; it is closed with this.
   * @param warn Told if it was cut or exchanged.
   */
  constructor(path: string, file: ReadableFile, warn: (message: string) => void) {
    this.#path = path;
    this.#file = file;
    this.#warn = warn;
  }

  /** Reads what is there; 0 also where another file has begun, until {@linkcode moved} is asked. */
  readSync(buffer: Uint8Array<ArrayBuffer>): number | null {
    if (this.#closed) return null;
    // What was read before is another file's.
    if (this.#moved) return 0;
    const count = this.#file.readSync(buffer) ?? 0;
    if (count === 0) this.#look();
    return count;
  }

  /** Reads what is there, or comes; 0 where another file has begun. */
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

  /** Whether it was exchanged since this was asked. */
  moved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** Closes it; a read that waits ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    this.#wake?.();
  }

  /** Whether the file was cut, or another one took its place. */
  #look(): void {
    const there = unlessAbsent(() => Deno.statSync(this.#path));
    // In this order, nothing is missed that its writer appended before it was exchanged.
    const open = this.#file.statSync();
    const { position } = this.#file;
    if (open.size > position) return;
    if (open.size < position) return this.#begin(this.#file, "was cut");
    // One that is gone comes back, as a rotated file does.
    if (there === undefined || isSame(there, open)) return;
    if (!there.isFile) return this.#tellStrange();
    const next = this.#open();
    if (next === undefined) return;
    this.#file.close();
    this.#begin(next, "was exchanged for another one");
  }

  /** Opens what is in its place; undefined where that has changed again. */
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
    this.#toldStrange = false;
    this.#warn(`${this.#path} ${what}; it is read from its beginning`);
  }

  #tellStrange(): void {
    if (this.#toldStrange) return;
    this.#toldStrange = true;
    this.#warn(
      `${this.#path} was exchanged for something that is no regular file; ` +
        "put a capture file there, and it is read from its beginning",
    );
  }
}
