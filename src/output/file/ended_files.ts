/**
 * Files that came to their end: compressed, and removed when there are too many.
 *
 * @module
 */

import { statfsSync } from "node:fs";
import { type FileNames, type OwnFile, surplus } from "./names.ts";
import type { FileOptions } from "./options.ts";

/** What is not finished has this behind its name. */
const UNFINISHED = ".part";

/** Looks after the ended files of one output. */
export class EndedFiles {
  readonly #names: FileNames;
  readonly #options: FileOptions;
  readonly #warn: (message: string) => void;
  readonly #stop = new AbortController();
  #compressing: Promise<void> = Promise.resolve();

  /** Looks after files of these names. */
  constructor(names: FileNames, options: FileOptions, warn: (message: string) => void) {
    this.#names = names;
    this.#options = options;
    this.#warn = warn;
  }

  /**
   * Compresses what is to be, and removes what is too much.
   *
   * @param current The file that is written.
   */
  tidy(current: string): void {
    try {
      const files = this.#list(current);
      const { rotateKeep, totalSize = Infinity, rotateSize } = this.#options;
      // The file at hand may grow that large.
      const bytes = totalSize - (rotateSize ?? sizeOf(current));
      const gone = surplus(files, { keep: rotateKeep ?? Infinity, bytes });
      this.#remove(gone);
      if (this.#options.compress === "gzip") {
        for (const { name } of files.slice(gone.length)) {
          if (!name.endsWith(".gz")) this.#compressLater(name);
        }
      }
    } catch (error) {
      this.#warn(`Cannot look after ended files of ${current}: ${messageOf(error)}`);
    }
  }

  /**
   * Makes room on the file system, where an option asks for it.
   *
   * @param current The file that is written.
   * @throws {Error} If there is too little room all the same; the message stands behind a colon.
   */
  makeRoom(current: string): void {
    const { freeSpace } = this.#options;
    if (freeSpace === undefined) return;
    const isEnough = () => {
      const { bavail, bsize } = statfsSync(this.#names.folder || ".");
      return bavail * bsize >= freeSpace;
    };
    if (isEnough()) return;
    for (const file of this.#list(current)) {
      this.#remove([file]);
      if (isEnough()) return;
    }
    throw new Error(
      `less than free_space = ${freeSpace} bytes would be left on its file system; make room there`,
    );
  }

  /** Ends what is under way; what is not finished stays as it was. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#compressing;
  }

  /** The ended files, the oldest first. */
  #list(current: string): OwnFile[] {
    const { folder } = this.#names;
    const names = [...Deno.readDirSync(folder || ".")]
      .filter(({ name, isFile }) => isFile && this.#names.isEnded(name))
      .map(({ name }) => name)
      .filter((name) => folder + name !== current);
    return this.#names.sort(names).map((name) => ({ name, size: sizeOf(folder + name) }));
  }

  #remove(files: readonly OwnFile[]): void {
    for (const { name } of files) Deno.removeSync(this.#names.folder + name);
  }

  #compressLater(name: string): void {
    this.#compressing = this.#compressing.then(async () => {
      if (this.#stop.signal.aborted) return;
      await compress(this.#names.folder + name, this.#stop.signal).catch((error) => {
        if (this.#stop.signal.aborted) return;
        this.#warn(`Cannot compress ${name}: ${messageOf(error)}; it stays as it is`);
      });
    });
  }
}

/** Compresses a file; it is removed only when that is done. */
async function compress(path: string, signal: AbortSignal): Promise<void> {
  const { mode } = await Deno.stat(path);
  const part = `${path}.gz${UNFINISHED}`;
  try {
    const [from, to] = [
      await Deno.open(path),
      await Deno.open(part, {
        write: true,
        create: true,
        truncate: true,
        mode: (mode ?? 0o640) & 0o777,
      }),
    ];
    await from.readable.pipeThrough(new CompressionStream("gzip")).pipeTo(to.writable, { signal });
    await Deno.rename(part, `${path}.gz`);
    await Deno.remove(path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    // Somebody else removed it in the meantime.
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
