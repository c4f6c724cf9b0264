/**
 * PID file, for supervisors without a notification protocol.
 *
 * @module
 */

import { OutputError } from "../errors.ts";
import type { Need } from "../permission.ts";
import { isSame, unlessAbsent } from "../files/place.ts";
import { openToWrite, setMode } from "../files/regular_file.ts";

/** Readable by everyone. */
const MODE = 0o644;
/** Attempts to open a file that is removed in the meantime. */
const ATTEMPTS = 10;

/** Returns the rights for a PID file. */
export function pidFileNeeds(path: string): Need[] {
  const why = "the file with the process id";
  return [{ name: "read", value: path, why }, { name: "write", value: path, why }];
}

/** PID file, locked (`flock`) while this process runs: its number alone proves nothing. */
export class PidFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Claims a file; its contents stay until {@linkcode write}.
   *
   * @param path Path; created if it is missing.
   * @throws {OutputError} If a running process holds it, or it cannot be written.
   */
  static claim(path: string): PidFile {
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const file = lock(path);
        if (isAt(file, path)) return new PidFile(path, file);
        // The former holder removed it after it was opened here.
        file.close();
      }
      throw new Error("another process keeps replacing it; stop that one, or choose another file");
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

  /** Removes the file; if this user must not remove it, empties it. */
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
    `process ${holder || "of unknown id"} holds it; stop that one, or choose another file`,
  );
}

function firstLine(file: Deno.FsFile): string {
  const buffer = new Uint8Array(32);
  const length = file.readSync(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length)).split("\n")[0]!.trim();
}

/** Whether a path still refers to the open file. */
function isAt(file: Deno.FsFile, path: string): boolean {
  const there = unlessAbsent(() => Deno.lstatSync(path));
  return there !== undefined && isSame(there, file.statSync());
}
