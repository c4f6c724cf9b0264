/**
 * The folder of a spool: made if it is missing, used by one process.
 *
 * @module
 */

import { NotRegularError } from "../files/place.ts";
import { openRegular } from "../files/set_aside.ts";

/** Keeps two processes from one spool. */
const LOCK = "lock";

/**
 * Makes a spool's folder, and locks it.
 *
 * @returns The file that holds the lock until it is closed.
 * @throws {Error} If it cannot be used; the message stands behind a colon.
 */
export function lockSpool(folder: string): Deno.FsFile {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o750 });
  const lock = lockFile(`${folder}/${LOCK}`);
  if (lock.tryLockSync(true)) return lock;
  lock.close();
  throw new Error("another process uses it; stop that process, or choose another folder");
}

function lockFile(path: string): Deno.FsFile {
  try {
    return openRegular(path, { create: true });
  } catch (error) {
    if (!(error instanceof NotRegularError)) throw error;
    throw new Error(`cannot open ${path}: ${error.message}; remove it`, { cause: error });
  }
}
