/** Reads texts for commands, from a file or standard input. */

import { InputError, messageOf } from "../errors.ts";
import { quoted } from "../text/shell_quoted.ts";

/**
 * Reads a text.
 *
 * @param file The file's path; `-` is standard input.
 * @throws {InputError} If it cannot be read.
 */
export async function readInput(file: string): Promise<string> {
  if (file === "-") return await new Response(Deno.stdin.readable).text();
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw new InputError(file, `Cannot read ${file}: ${reason(error, file)}`, { cause: error });
  }
}

function reason(error: unknown, file: string): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file; check the path";
  if (error instanceof Deno.errors.NotCapable) {
    return `Deno was started without that right; run again with ${quoted(`--allow-read=${file}`)}`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system denies it to this user; let this user read it";
  }
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder; name a file in it";
  return messageOf(error);
}
