/**
 * Makes errors of scripts that cannot be loaded. Their texts are untrusted: they come from the
 * sandbox and the script.
 */

import { ConfigError } from "../../errors.ts";
import { escapedLines } from "../../text/escape.ts";
import { fromFileUrl } from "../../text/file_url.ts";

/** Longest text, in characters. */
const TEXT_MAX = 4000;

/**
 * Creates the error of a script that cannot be loaded.
 *
 * @param file URL of the module, or another name.
 * @param message Cause; a parser's message shows the position on lines of its own.
 */
export function loadError(file: string, message: string): ConfigError {
  return new ConfigError(pathOf(file), [{ key: "", message: printable(message) }]);
}

/** Returns a module's path, as users know it. */
function pathOf(address: string): string {
  try {
    return printable(fromFileUrl(address));
  } catch {
    // Not a file URL.
    return printable(address);
  }
}

function printable(text: string): string {
  return escapedLines(text.slice(0, TEXT_MAX));
}
