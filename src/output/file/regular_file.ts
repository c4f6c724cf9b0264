/**
 * Files in a folder that others may be able to write: opened only if they are
 * regular files, and set aside if they cannot be used.
 *
 * @module
 */

import { messageOf } from "../../errors.ts";
import { isSame, isTaken, unlessAbsent } from "./place.ts";

/** Suffix of the name of a file that is set aside. */
const ASIDE = ".damaged";

/** Something in the place of a file that is no regular file. */
export class NotRegularError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "NotRegularError";
}

/** How a file is opened. */
export interface RegularFileOptions {
  /** Whether it is made where nothing is there. */
  create?: boolean;
  /** Whether everything is written to its end. */
  append?: boolean;
}

/**
 * Opens a regular file for reading and writing. Links are not followed, and a
 * named pipe is refused without waiting for its other end.
 *
 * @throws {NotRegularError} If something else is there; the message tells what.
 * @throws What the system says.
 */
export function openRegular(
  path: string,
  { create = false, append = false }: RegularFileOptions = {},
): Deno.FsFile {
  const before = unlessAbsent(() => Deno.lstatSync(path));
  if (before !== undefined) requireRegular(before);
  // Opening a pipe for both ends waits for nobody (fifo(7)): somebody may have just put one there.
  const access = append ? { append } : { write: true };
  const file = Deno.openSync(path, { read: true, create, mode: 0o640, ...access });
  try {
    const opened = file.statSync();
    requireRegular(opened);
    if (!isSame(Deno.lstatSync(path), opened)) {
      throw new NotRegularError("it was replaced while it was opened");
    }
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * Requires a regular file.
 *
 * @throws {NotRegularError} If it is something else; the message tells what.
 */
export function requireRegular(info: Deno.FileInfo): void {
  if (!info.isFile) throw new NotRegularError(`it is ${kindOf(info)}, not a file`);
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

function kindOf(info: Deno.FileInfo): string {
  if (info.isDirectory) return "a folder";
  if (info.isSymlink) return "a symbolic link";
  if (info.isFifo === true) return "a named pipe";
  if (info.isSocket === true) return "a socket";
  return "a device";
}
