/**
 * Errors of scripts that cannot be loaded. Their texts come from the sandbox, and from
 * the script.
 *
 * @module
 */

import { ConfigError } from "../../errors.ts";
import { escapedLines } from "../../text/escape.ts";
import { fromFileUrl } from "../../text/file_url.ts";

/** Characters of the longest text. */
const TEXT_MAX = 4000;

/**
 * Makes the error that tells of it.
 *
 * @param file Address of the module, or another name for what cannot be loaded.
 * @param message The cause; a parser's shows the place in lines of its own.
 */
export function loadError(file: string, message: string): ConfigError {
  return new ConfigError(pathOf(file), [{ key: "", message: printable(message) }]);
}

/** A module's address as people know it: a path. */
function pathOf(address: string): string {
  try {
    return printable(fromFileUrl(address));
  } catch {
    // It is none.
    return printable(address);
  }
}

function printable(text: string): string {
  return escapedLines(text.slice(0, TEXT_MAX));
}
