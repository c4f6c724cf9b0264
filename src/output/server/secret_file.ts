/** Files that say where a database is, and its password. */

import { readText } from "../../files/regular_file.ts";
import { quotedPath } from "../../text/shell_quoted.ts";

/**
 * Reads a file with passwords, if permitted.
 *
 * @returns Its text; undefined if it cannot be read.
 * @throws {Error} If others may read it.
 */
export function readSecret(path: string): string | undefined {
  const file = contents(path);
  if (file === undefined || (file.mode & 0o077) === 0) return file?.text;
  throw new Error(
    `the password file ${path} is open to others; close it with chmod 600 ${quotedPath(path)}`,
  );
}

/** Reads a file that others may read, too, if permitted; returns undefined if it cannot be read. */
export function readPlain(path: string): string | undefined {
  return contents(path)?.text;
}

function contents(path: string): { text: string; mode: number } | undefined {
  try {
    return readText(path);
  } catch {
    // The products' own clients continue without it, too: the server reports the missing password.
    return undefined;
  }
}
