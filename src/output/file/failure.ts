/** Explains failures of file operations. */

import { messageOf, OutputError } from "../../errors.ts";
import { noFolder } from "../../files/place.ts";
import { isGranted } from "../../permission.ts";
import { quoted } from "../../text/shell_quoted.ts";
import { STANDARD_OUTPUT } from "./options.ts";

/**
 * Returns the error of an output to a file.
 *
 * @param path The file.
 * @param doing The operation: `open`, `write`.
 * @param cause The cause; the message of an error that is not Deno's fits after a colon.
 */
export function failure(path: string, doing: string, cause: unknown): OutputError {
  if (cause instanceof OutputError) return cause;
  const name = path === STANDARD_OUTPUT ? "standard output" : path;
  return new OutputError(path, `Cannot ${doing} ${name}: ${reason(cause, path)}`, { cause });
}

/** Returns what is wrong and what to do, as text that fits after a colon. */
export function reason(error: unknown, path: string): string {
  if (error instanceof Deno.errors.NotCapable) {
    if (error.message.includes("statfs")) {
      return "to see what is free takes --allow-sys=statfs; run again with it, or leave out free_space";
    }
    if ((["read", "write"] as const).every((name) => isGranted({ name, value: path }))) {
      return "Deno opens files of the system's own folders only with --allow-all; " +
        "choose another file, or - for standard output";
    }
    return "Deno was started without that right; run again with " +
      ["read", "write"].map((right) => quoted(`--allow-${right}=${path}`)).join(" ");
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system denies it to this user; check the owner and the mode of the file and its folder";
  }
  if (error instanceof Deno.errors.NotFound) {
    return noFolder(path);
  }
  if (error instanceof Deno.errors.IsADirectory) {
    return "it is a folder, not a file; name a file in it";
  }
  if (error instanceof Deno.errors.NotADirectory) {
    return "a part of its path is a file, not a folder; choose another one";
  }
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") {
    return `${messageOf(error)}; make room there, or choose another place`;
  }
  if (error instanceof Deno.errors.BrokenPipe) return "the reader at its other end is gone";
  return messageOf(error);
}
