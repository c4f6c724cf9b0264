/**
 * Escapes for what must not reach a terminal: a packet's prefix, a script's words or a file's
 * name may hold bytes that steer it, or that turn text around.
 *
 * @module
 */

/** C0, DEL and C1 (Unicode's Cc), marks of bidirectional text, and what ends a line. */
const STEERING = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * Writes control characters as JSON does.
 *
 * @param text Any text.
 * @returns It, in one line, with nothing in it that a terminal obeys.
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
  return text.replaceAll(
    STEERING,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Writes control characters as JSON does, but for the ends of lines. */
export function escapedLines(text: string): string {
  return text.split("\n").map(escaped).join("\n");
}

/** A value as JSON in one line; beside C0, which JSON never has, DEL, C1 and the others are escaped. */
export function jsonLine(value: unknown): string {
  return escaped(JSON.stringify(value));
}
