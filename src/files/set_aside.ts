/**
 * Files in a folder that only nfscribe writes to, such as spools: opened only if they are regular
 * files, and renamed if they are unusable.
 */

import { messageOf } from "../errors.ts";
import { isTaken, NotRegularError } from "./place.ts";
import { openToWrite } from "./regular_file.ts";

/** Suffix of the name of an unusable file. */
const ASIDE = ".damaged";
/** The mode of new files. */
const MODE = 0o640;

/**
 * Opens a regular file for reading and writing; links are not followed.
 *
 * @param options Whether it is created if nothing is there, and whether every write goes to its
 *   end.
 * @throws {NotRegularError} If something else is there; the message names its kind.
 * @throws The error of the system.
 */
export function openRegular(
  path: string,
  { create = false, append = false }: { create?: boolean; append?: boolean } = {},
): Deno.FsFile {
  try {
    return openToWrite(path, { append, links: "none", ...create && { mode: MODE } }).file;
  } catch (error) {
    // The file is renamed, so the user needs no advice.
    throw error instanceof NotRegularError ? new NotRegularError(error.kind) : error;
  }
}

/**
 * Renames an unusable file, so that it is kept and not read again.
 *
 * @param why Reason why it is unusable.
 * @param warn Receives its new name.
 */
export function setAside(path: string, why: string, warn: (message: string) => void): void {
  let to = path + ASIDE;
  for (let attempt = 2; isTaken(to); attempt++) to = `${path}${ASIDE}.${attempt}`;
  try {
    Deno.renameSync(path, to);
    warn(`${path}: ${why}; it is now ${to}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    warn(`${path}: ${why}, and it cannot be renamed: ${messageOf(error)}; move it away`);
  }
}

/**
 * Returns whether an error is permanent: the file is gone, is something else by now, or lies on a
 * broken part of the disk. Other errors may be gone the next time.
 */
export function isForGood(error: unknown): boolean {
  if (error instanceof NotRegularError || error instanceof Deno.errors.NotFound) return true;
  return error instanceof Error && "code" in error && error.code === "EIO";
}
