/**
 * Creates and locks the folder of a spool.
 *
 * @module
 */

import { NotRegularError } from "../files/place.ts";
import { openRegular } from "../files/set_aside.ts";

/** Lock file that prevents two processes from using one spool. */
const LOCK = "lock";

/**
 * Creates a spool's folder and locks it.
 *
 * @returns Open file that holds the lock.
 * @throws {Error} If it cannot be used; the message continues a sentence.
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
