/** PID file, for supervisors without a notification protocol. */

import { tryLockToWrite } from "../../ffi/file_lock.ts";
import { nodeFs } from "../builtin_modules.ts";
import { messageOf, OutputError } from "../errors.ts";
import type { Need } from "../permission.ts";
import { isSame, ownerNeeds, requireSame, unlessAbsent } from "../files/place.ts";
import { openToWrite, setMode } from "../files/regular_file.ts";

/** Readable by everyone. */
const MODE = 0o644;
/** Attempts to open a file that is removed in the meantime. */
const ATTEMPTS = 10;

/** Returns the rights for a PID file. */
export function pidFileNeeds(path: string): Need[] {
  const why = "the file with the process id";
  return [
    { name: "read", value: path, why },
    { name: "write", value: path, why },
    ...ownerNeeds(path),
  ];
}

/** A file and the descriptor that holds its lock. */
interface Locked {
  file: Deno.FsFile;
  lock: number;
}

/**
 * PID file, locked while this process runs: its number alone proves nothing. The lock takes the
 * right to write the file, so that no other user can keep nfscribe from starting.
 */
export class PidFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  /** Descriptor that holds the lock. */
  readonly #lock: number;

  private constructor(path: string, { file, lock }: Locked) {
    this.#path = path;
    this.#file = file;
    this.#lock = lock;
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
        const locked = lock(path);
        if (isAt(locked.file, path)) return new PidFile(path, locked);
        // The former holder removed it after it was opened here.
        close(locked);
      }
      throw new Error("another process keeps replacing it; stop that one, or choose another file");
    } catch (error) {
      const why = messageOf(error);
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
    close({ file: this.#file, lock: this.#lock });
  }
}

function lock(path: string): Locked {
  const { file, info } = openToWrite(path, { mode: MODE, links: "none" });
  // Deno has no descriptor of its files to give.
  const { constants, fstatSync, openSync } = nodeFs();
  const lock = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    requireSame(info, fstatSync(lock));
    if (tryLockToWrite(lock)) return { file, lock };
  } catch (error) {
    close({ file, lock });
    throw error;
  }
  const holder = firstLine(file);
  close({ file, lock });
  throw new Error(
    `process ${holder || "of unknown id"} holds it; stop that one, or choose another file`,
  );
}

function close({ file, lock }: Locked): void {
  file.close();
  nodeFs().closeSync(lock);
}

function firstLine(file: Deno.FsFile): string {
  const buffer = new Uint8Array(32);
  const length = file.readSync(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length)).split("\n")[0]!.trim();
}

/** Returns whether a path still refers to the open file. */
function isAt(file: Deno.FsFile, path: string): boolean {
  const there = unlessAbsent(() => Deno.lstatSync(path));
  return there !== undefined && isSame(there, file.statSync());
}
