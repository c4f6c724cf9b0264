/**
 * Why a capture file cannot be read, and what to do.
 *
 * @module
 */

import { InputError } from "../../errors.ts";
import { STANDARD_INPUT } from "./options.ts";

/**
 * What to tell of a file that cannot be opened.
 *
 * @param path The file.
 * @param error What Deno or `readFileHeader` said.
 */
export function openError(path: string, error: unknown): InputError {
  return new InputError(path, `Cannot read ${nameOf(path)}: ${reason(path, error)}`, {
    cause: error,
  });
}

/**
 * What to tell of a file that can no longer be read.
 *
 * @param path The file.
 * @param offset How far it was read, in bytes.
 * @param error What Deno said.
 */
export function readError(path: string, offset: number, error: unknown): InputError {
  const message = `Cannot read ${nameOf(path)} at byte ${offset}: ${reason(path, error)}`;
  return new InputError(path, message, { cause: error });
}

/** What a file is called in messages. */
export function nameOf(path: string): string {
  return path === STANDARD_INPUT ? "standard input" : path;
}

function reason(path: string, error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `Deno was started without that right; run again with --allow-read=${path}`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system denies it to this user; check the owner and the mode of the file";
  }
  if (error instanceof Deno.errors.NotFound) return "there is no such file; check the path";
  if (error instanceof Deno.errors.IsADirectory) {
    return "it is a folder, not a file; name a file in it";
  }
  return error instanceof Error ? error.message : String(error);
}
