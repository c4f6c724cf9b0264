/** Strings as the jansson library prints them, in UTF-8. */

import { ascii, LineWriter } from "../../text/line.ts";
import { utf8Length, visibleLength } from "../../text/utf8.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const DIGITS = ascii("0123456789ABCDEF");

/** The most bytes that a byte of text takes: `\u0000`. */
export const QUOTED_MAX = 6;
/** Bytes of the quotes. */
const QUOTES = 2;

/** Letters of the short escapes, by code. */
const SHORT = new Uint8Array(128);
for (const [code, letter] of [[8, "b"], [9, "t"], [10, "n"], [12, "f"], [13, "r"]] as const) {
  SHORT[code] = letter.charCodeAt(0);
}
SHORT[QUOTE] = QUOTE;
SHORT[BACKSLASH] = BACKSLASH;

/** Returns whether bytes are UTF-8 (RFC 3629). */
export function isUtf8(bytes: Uint8Array, from: number, length: number): boolean {
  const end = from + length;
  for (let at = from; at < end;) {
    const size = utf8Length(bytes, at, end);
    if (size === 0) return false;
    at += size;
  }
  return true;
}

/**
 * Writes UTF-8 as a string in quotes. jansson escapes what JSON demands; DEL, C1, marks of
 * bidirectional text and line separators are escaped, too, because they may act on a terminal. A
 * parser gets the same text.
 */
export function jsonBytes(
  line: LineWriter,
  bytes: Uint8Array,
  from: number,
  length: number,
): void {
  const { out } = line;
  const end = from + length;
  let to = line.at;
  out[to++] = QUOTE;
  for (let at = from; at < end;) {
    const byte = bytes[at]!;
    const short = byte < SHORT.length ? SHORT[byte]! : 0;
    const size = utf8Length(bytes, at, end);
    if (short !== 0) {
      out[to++] = BACKSLASH;
      out[to++] = short;
    } else if (visibleLength(bytes, at, end) > 0) {
      for (let i = 0; i < size; i++) out[to++] = bytes[at + i]!;
    } else {
      to = escapeCode(out, to, codeOf(bytes, at, size));
    }
    at += size;
  }
  out[to++] = QUOTE;
  line.at = to;
}

/** Returns the code of a character of up to three bytes; no longer one is escaped. */
function codeOf(bytes: Uint8Array, at: number, size: number): number {
  const first = bytes[at]!;
  if (size === 1) return first;
  const second = bytes[at + 1]! & 0x3f;
  if (size === 2) return (first & 0x1f) << 6 | second;
  return (first & 0xf) << 12 | second << 6 | bytes[at + 2]! & 0x3f;
}

/** Writes `\u009B`; returns the position after it. */
function escapeCode(out: Uint8Array, at: number, code: number): number {
  out[at] = BACKSLASH;
  out[at + 1] = LOWER_U;
  for (let i = 0; i < 4; i++) out[at + 2 + i] = DIGITS[code >> (12 - 4 * i) & 0xf]!;
  return at + QUOTED_MAX;
}

/** Returns a text as a string in quotes, written as {@linkcode jsonBytes} does. */
export function quotedText(text: string): string {
  const bytes = ascii(text);
  const line = new LineWriter();
  line.out = new Uint8Array(bytes.length * QUOTED_MAX + QUOTES);
  jsonBytes(line, bytes, 0, bytes.length);
  return new TextDecoder().decode(line.out.subarray(0, line.at));
}
