/** Patterns in expressions, in which a backslash keeps the next character. */

import { ANY_TEXT, ONE_CHARACTER, type Pattern } from "../../text/pattern.ts";

/**
 * Parses a pattern.
 *
 * @param text The pattern.
 */
export function parsePattern(text: string): Pattern {
  const parts: (string | typeof ANY_TEXT | typeof ONE_CHARACTER)[] = [];
  const put = (character: string) => {
    if (typeof parts.at(-1) === "string") parts[parts.length - 1] += character;
    else parts.push(character);
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === "\\" && at + 1 < text.length) put(text[++at]!);
    else if (character === "?") parts.push(ONE_CHARACTER);
    else if (character !== "*") put(character);
    else if (parts.at(-1) !== ANY_TEXT) parts.push(ANY_TEXT);
  }
  return parts;
}

/** Returns the only text that a pattern matches; undefined if it matches several. */
export function exactText(pattern: Pattern): string | undefined {
  if (pattern.length === 0) return "";
  const [only] = pattern;
  return pattern.length === 1 && typeof only === "string" ? only : undefined;
}
