/** Files that hold passwords. */

import { readText } from "../../files/regular_file.ts";
import { quotedPath } from "../../text/shell_quoted.ts";

/**
 * Reads a file with passwords, if permitted.
 *
 * @returns Its text; undefined if it cannot be read.
 * @throws {Error} If others may read it.
 */
export function readSecret(path: string): string | undefined {
  let text;
  let mode;
  try {
    ({ text, mode } = readText(path));
  } catch {
    // The products' own clients continue without it, too: the server reports the missing password.
    return undefined;
  }
  if ((mode & 0o077) === 0) return text;
  throw new Error(
    `the password file ${path} is open to others; close it with chmod 600 ${quotedPath(path)}`,
  );
}
