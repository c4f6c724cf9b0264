/** Locks of files (flock(2)). */

import { messageOf } from "../errors.ts";

/**
 * Locks a file that only this process is to write, without waiting.
 *
 * @param file The file.
 * @returns Whether it is locked; false if another process has the lock.
 * @throws {Error} If its file system has no locks; the message fits after a colon.
 */
export function tryLock(file: Pick<Deno.FsFile, "tryLockSync">): boolean {
  try {
    return file.tryLockSync(true);
  } catch (error) {
    throw new Error(
      `its file system gives no lock (flock: ${messageOf(error)}); choose a place on a local ` +
        "file system, or have NFS lock: the server's lock service, or the option nolock (nfs(5))",
    );
  }
}

/**
 * Gives up a file's lock, and closes the file. Closing alone leaves the lock to a process that is
 * being started at this moment: it has this one's descriptors until it executes its program.
 */
export function closeLocked(file: Deno.FsFile): void {
  try {
    file.unlockSync();
  } catch {
    // Closing gives it up as well, if later.
  }
  file.close();
}
