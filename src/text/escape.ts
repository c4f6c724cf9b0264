/**
 * Escapes for text that must not control a terminal: a packet's prefix, a script's output or a
 * file's name may hold control characters or marks that reorder text.
 */

/** C0, DEL and C1 (Unicode's Cc), marks of bidirectional text, and line separators. */
const STEERING = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * Escapes control characters as JSON does.
 *
 * @param text Any text.
 * @returns The text in one line, without characters that a terminal interprets.
 *
 * @example The beginning of an escape sequence
 * ```ts
 * import { escaped } from "./escape.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escaped("drop \x1b[2J"), "drop \\u001b[2J");
 * ```
 */
export function escaped(text: string): string {
  return escapedWhere(text, STEERING);
}

/** Escapes the characters that a pattern matches as JSON does. */
export function escapedWhere(text: string, characters: RegExp): string {
  return text.replaceAll(
    characters,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Joins the lines of a text: any white space becomes one space. */
export function inOneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ");
}

/** Escapes control characters as JSON does, except for line ends. */
export function escapedLines(text: string): string {
  return text.split("\n").map(escaped).join("\n");
}

/** Encodes a value as JSON in one line; escapes DEL, C1 and the others too, which JSON does not. */
export function jsonLine(value: unknown): string {
  return escaped(JSON.stringify(value));
}
