/** Writes JSON (RFC 8259) into bytes, character by character, from untrusted bytes. */

import type { LineWriter } from "./line.ts";
import { utf8Length, visibleLength } from "./utf8.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const SPACE = 0x20;
const DEL = 0x7f;
const DIGITS = new TextEncoder().encode("0123456789abcdef");
/** Upper-case digits of `\u009B`, as some libraries print them. */
export const UPPER_DIGITS: Uint8Array = new TextEncoder().encode("0123456789ABCDEF");
const BASE64 = new TextEncoder().encode(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
);
const PAD = 0x3d;
/** Letters of the short escapes (RFC 8259 section 7), by the characters that they stand for. */
const SHORT = new Uint8Array(128);
for (const [character, letter] of ["\bb", "\tt", "\nn", "\ff", "\rr", '""', "\\\\"]) {
  SHORT[character!.charCodeAt(0)] = letter!.charCodeAt(0);
}

/** The most bytes that a byte of text takes: `\u0000`. */
export const JSON_ESCAPED_MAX = 6;

/**
 * Writes UTF-8 as a string of JSON, as `JSON.stringify` does, but characters that act on a
 * terminal (`text/escape.ts`) are escaped, too. Bytes that are not UTF-8 become U+FFFD, as
 * `TextDecoder` decodes them.
 *
 * @param digits Digits of escapes.
 */
export function writeJsonText(
  line: LineWriter,
  source: Uint8Array,
  from: number,
  length: number,
  digits: Uint8Array = DIGITS,
): void {
  const { out } = line;
  const end = from + length;
  let to = line.at;
  out[to++] = QUOTE;
  for (let at = from; at < end;) {
    const byte = source[at]!;
    if (byte < 0x80) {
      at++;
      if (byte >= SPACE && byte < DEL && byte !== QUOTE && byte !== BACKSLASH) out[to++] = byte;
      else to = writeEscape(out, to, byte, digits);
      continue;
    }
    const size = utf8Length(source, at, end);
    if (size === 0) {
      at += brokenLength(source, at, end);
      // U+FFFD
      out[to++] = 0xef;
      out[to++] = 0xbf;
      out[to++] = 0xbd;
    } else if (visibleLength(source, at, end) === 0) {
      to = writeUnicode(out, to, codePoint(source, at, size), digits);
      at += size;
    } else {
      for (const next = at + size; at < next; at++) out[to++] = source[at]!;
    }
  }
  out[to++] = QUOTE;
  line.at = to;
}

/**
 * Writes a value that is JSON in UTF-8 already, as it is but for characters that act on a
 * terminal.
 */
export function writeJsonValue(line: LineWriter, source: Uint8Array): void {
  const { out } = line;
  const end = source.length;
  let to = line.at;
  for (let at = 0; at < end;) {
    const byte = source[at]!;
    const size = byte < 0x80 ? 1 : utf8Length(source, at, end);
    // Outside of its strings JSON has no such characters.
    if (byte === DEL || byte >= 0x80 && size > 0 && visibleLength(source, at, end) === 0) {
      to = writeUnicode(out, to, byte === DEL ? DEL : codePoint(source, at, size), DIGITS);
      at += size;
    } else {
      for (const next = at + Math.max(1, size); at < next; at++) out[to++] = source[at]!;
    }
  }
  line.at = to;
}

/** Writes bytes as a string of JSON, in base64 (RFC 4648 section 4). */
export function writeBase64(
  line: LineWriter,
  source: Uint8Array,
  from: number,
  length: number,
): void {
  const { out } = line;
  const end = from + length;
  let to = line.at;
  out[to++] = QUOTE;
  for (let at = from; at < end; at += 3) {
    const left = end - at;
    const bits = source[at]! << 16 | (left > 1 ? source[at + 1]! << 8 : 0) |
      (left > 2 ? source[at + 2]! : 0);
    out[to++] = BASE64[bits >> 18]!;
    out[to++] = BASE64[bits >> 12 & 0x3f]!;
    out[to++] = left > 1 ? BASE64[bits >> 6 & 0x3f]! : PAD;
    out[to++] = left > 2 ? BASE64[bits & 0x3f]! : PAD;
  }
  out[to++] = QUOTE;
  line.at = to;
}

/** Returns the most bytes that {@linkcode writeBase64} writes. */
export function base64Length(length: number): number {
  return Math.ceil(length / 3) * 4 + 2;
}

/** Writes bytes as a string of JSON, in hexadecimal digits. */
export function writeHex(line: LineWriter, source: Uint8Array, from: number, end: number): void {
  const { out } = line;
  let to = line.at;
  out[to++] = QUOTE;
  for (let at = from; at < end; at++) {
    out[to++] = DIGITS[source[at]! >> 4]!;
    out[to++] = DIGITS[source[at]! & 0xf]!;
  }
  out[to++] = QUOTE;
  line.at = to;
}

/** Writes a character below U+0080 with its escape; returns the position after it. */
function writeEscape(out: Uint8Array, at: number, byte: number, digits: Uint8Array): number {
  const letter = SHORT[byte]!;
  if (letter === 0) return writeUnicode(out, at, byte, digits);
  out[at] = BACKSLASH;
  out[at + 1] = letter;
  return at + 2;
}

/** Writes a character below U+10000 as `\u001b`; returns the position after it. */
function writeUnicode(
  out: Uint8Array,
  at: number,
  character: number,
  digits: Uint8Array,
): number {
  out[at] = BACKSLASH;
  out[at + 1] = LOWER_U;
  for (let i = 0; i < 4; i++) out[at + 2 + i] = digits[character >> (12 - 4 * i) & 0xf]!;
  return at + JSON_ESCAPED_MAX;
}

/** Returns the code point of a character of two or three bytes. */
function codePoint(bytes: Uint8Array, at: number, size: number): number {
  return size === 2
    ? (bytes[at]! & 0x1f) << 6 | bytes[at + 1]! & 0x3f
    : (bytes[at]! & 0xf) << 12 | (bytes[at + 1]! & 0x3f) << 6 | bytes[at + 2]! & 0x3f;
}

/**
 * Returns the number of bytes that one U+FFFD stands for: the longest beginning of a character, at
 * least one byte (Unicode standard, section 3.9, "U+FFFD Substitution of Maximal Subparts").
 */
function brokenLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  const size = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
  let length = 1;
  while (length < size && at + length < end) {
    const byte = bytes[at + length]!;
    const isSecond = length === 1;
    const least = isSecond && first === 0xe0 ? 0xa0 : isSecond && first === 0xf0 ? 0x90 : 0x80;
    const most = isSecond && first === 0xed ? 0x9f : isSecond && first === 0xf4 ? 0x8f : 0xbf;
    if (byte < least || byte > most) break;
    length++;
  }
  return length;
}
