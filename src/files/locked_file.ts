/** Ends of locks (flock(2)). */

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
