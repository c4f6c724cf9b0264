/**
 * A file with this process' id, for supervisors that know nothing better.
 *
 * @module
 */

import { OutputError } from "../errors.ts";
import type { Need } from "../permission.ts";
import { isSame, unlessAbsent } from "../files/place.ts";
import { openToWrite, setMode } from "../files/regular_file.ts";

/** Whoever reads the file may: it is what it is for. */
const MODE = 0o644;
/** How often a file may be removed while it is opened, before that is given up. */
const ATTEMPTS = 10;

/** The rights that a PID file takes. */
export function pidFileNeeds(path: string): Need[] {
  const why = "the file with the process id";
  return [{ name: "read", value: path, why }, { name: "write", value: path, why }];
}

/** The file, locked (`flock`) as long as this process lives: its number alone proves nothing. */
export class PidFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Claims a file; what a process that is gone wrote there stays until {@linkcode write}.
   *
   * @param path The file; made if it is not there.
   * @throws {OutputError} If a process that lives holds it, or it is none that could be written.
   */
  static claim(path: string): PidFile {
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const file = lock(path);
        if (isAt(file, path)) return new PidFile(path, file);
        // Whoever held it has removed it, since it was opened here.
        file.close();
      }
      throw new Error("it is made and removed again and again; see by whom");
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new OutputError(path, `Cannot use ${path} as the PID file: ${why}`, { cause: error });
    }
  }

  /** Writes this process' id: it is ready. */
  write(): void {
    const line = new TextEncoder().encode(`${Deno.pid}\n`);
    this.#file.truncateSync();
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.#file.writeSync(line);
    setMode(this.#path, this.#file.statSync(), MODE);
  }

  /** Removes the file; in a folder where this user may not do that any more, empties it. */
  [Symbol.dispose](): void {
    try {
      if (isAt(this.#file, this.#path)) Deno.removeSync(this.#path);
    } catch {
      this.#file.truncateSync();
    }
    this.#file.close();
  }
}

function lock(path: string): Deno.FsFile {
  const { file } = openToWrite(path, { mode: MODE, links: "none" });
  if (file.tryLockSync(true)) return file;
  const holder = firstLine(file);
  file.close();
  throw new Error(
    `process ${
      holder || "that does not say which"
    } holds it; stop that one, or choose another file`,
  );
}

function firstLine(file: Deno.FsFile): string {
  const buffer = new Uint8Array(32);
  const length = file.readSync(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length)).split("\n")[0]!.trim();
}

/** Whether a path still names what was opened. */
function isAt(file: Deno.FsFile, path: string): boolean {
  const there = unlessAbsent(() => Deno.lstatSync(path));
  return there !== undefined && isSame(there, file.statSync());
}
