/** Explains why a capture file cannot be read, and what to do. */

import { InputError, messageOf } from "../../errors.ts";
import { quoted } from "../../text/shell_quoted.ts";
import { STANDARD_INPUT } from "./options.ts";

/**
 * Returns the error for a file that cannot be opened.
 *
 * @param path The file.
 * @param error The error of Deno or `readFileHeader`.
 */
export function openError(path: string, error: unknown): InputError {
  return new InputError(path, `Cannot read ${nameOf(path)}: ${reason(path, error)}`, {
    cause: error,
  });
}

/**
 * Returns the error for a file that can no longer be read.
 *
 * @param path The file.
 * @param offset Bytes read so far.
 * @param error The error of Deno.
 */
export function readError(path: string, offset: number, error: unknown): InputError {
  const message = `Cannot read ${nameOf(path)} at byte ${offset}: ${reason(path, error)}`;
  return new InputError(path, message, { cause: error });
}

/** Returns the name of a file in messages. */
export function nameOf(path: string): string {
  return path === STANDARD_INPUT ? "standard input" : path;
}

/**
 * Returns why a file cannot be read, and what to do; it fits after a colon.
 *
 * @param path The file.
 * @param error The error of Deno, or one whose message fits after a colon.
 */
export function reason(path: string, error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `Deno was started without that right; run again with ${quoted(`--allow-read=${path}`)}`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system denies it to this user; check the owner and the mode of the file";
  }
  if (error instanceof Deno.errors.NotFound) return "there is no such file; check the path";
  if (error instanceof Deno.errors.IsADirectory) {
    return "it is a folder, not a file; name a file in it";
  }
  return messageOf(error);
}
