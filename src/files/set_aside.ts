/**
 * Files of a folder that only nfscribe writes, as spools are: opened only if they are
 * regular files, and set aside if they cannot be used.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import { isTaken, NotRegularError } from "./place.ts";
import { openToWrite } from "./regular_file.ts";

/** Suffix of the name of a file that is set aside. */
const ASIDE = ".damaged";
/** The mode of new files. */
const MODE = 0o640;

/**
 * Opens a regular file for reading and writing; links are not followed.
 *
 * @param options Whether it is made where nothing is there, and whether everything is written to
 * its end.
 * @throws {NotRegularError} If something else is there; the message tells what.
 * @throws What the system says.
 */
export function openRegular(
  path: string,
  { create = false, append = false }: { create?: boolean; append?: boolean } = {},
): Deno.FsFile {
  try {
    return openToWrite(path, { append, links: "none", ...create && { mode: MODE } }).file;
  } catch (error) {
    // What is set aside needs no advice.
    throw error instanceof NotRegularError ? new NotRegularError(error.kind) : error;
  }
}

/**
 * Renames what cannot be used, so that it is kept and not looked at again, and
 * says so.
 *
 * @param path Its path.
 * @param why What is wrong with it.
 * @param warn Told where it is now.
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
 * Whether an error means that a file is gone, is something else by now, or lies on
 * a broken part of the disk. Everything else may be over the next time.
 */
export function isForGood(error: unknown): boolean {
  if (error instanceof NotRegularError || error instanceof Deno.errors.NotFound) return true;
  return error instanceof Error && "code" in error && error.code === "EIO";
}
