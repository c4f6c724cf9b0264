/** Quoting of words for a shell. */

import { escaped } from "./escape.ts";

/** Words that no shell interprets. `=` at the beginning is a path in zsh, `-` an option. */
const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/;

/**
 * Quotes a word for commands that people copy: the shell takes exactly this text, in one line and
 * without a character that acts on the terminal.
 *
 * @param word Any text but NUL.
 * @returns The word, in quotes if it needs them; `$'…'` where it has control characters, which
 *   bash, zsh, BusyBox and POSIX.1-2024 know.
 *
 * @example
 * ```ts
 * import { quoted } from "./shell_quoted.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(quoted("/var/log/fw.pcap"), "/var/log/fw.pcap");
 * assertEquals(quoted("it's $(here)"), "'it'\\''s $(here)'");
 * assertEquals(quoted("a\x1b[2J"), "$'a\\033[2J'");
 * ```
 */
export function quoted(word: string): string {
  if (escaped(word) === word) return quotedExactly(word);
  const characters = [...word].map((character) => {
    if (character === "'" || character === "\\") return `\\${character}`;
    return escaped(character) === character ? character : inOctal(character);
  });
  return `$'${characters.join("")}'`;
}

/**
 * Quotes a path for a command that people copy; one that begins with a dash gets `./` in front, so
 * that it is no option.
 */
export function quotedPath(path: string): string {
  return quoted(path.startsWith("-") ? `./${path}` : path);
}

/** Quotes a word for every POSIX shell; characters that act on a terminal stay as they are. */
export function quotedExactly(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Returns the UTF-8 bytes of a character as escapes of `$'…'`. */
function inOctal(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
