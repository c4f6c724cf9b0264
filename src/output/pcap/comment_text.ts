/**
 * Text from the outside in comments, which are UTF-8 (RFC 3629) in one line.
 *
 * @module
 */

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const LOWER_X = 0x78;
const DIGITS = new TextEncoder().encode("0123456789abcdef");

/** Bytes that one byte becomes at the most: `\x00`. */
export const ESCAPED_MAX = 4;

/**
 * Writes text, with what is no visible UTF-8 as `\x1b`, and a backslash before
 * quotes and backslashes. There must be room for {@linkcode ESCAPED_MAX} bytes
 * per byte.
 *
 * @returns How many bytes were written.
 */
export function writeEscaped(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const end = offset + length;
  let to = at;
  for (let from = offset; from < end;) {
    const byte = bytes[from]!;
    const size = byte < 0x80 ? 1 : sequenceLength(bytes, from, end);
    if (size === 0 || byte < 0x20 || byte === 0x7f) {
      out[to] = BACKSLASH;
      out[to + 1] = LOWER_X;
      out[to + 2] = DIGITS[byte >> 4]!;
      out[to + 3] = DIGITS[byte & 0xf]!;
      to += ESCAPED_MAX;
      from++;
      continue;
    }
    if (byte === QUOTE || byte === BACKSLASH) out[to++] = BACKSLASH;
    for (let i = 0; i < size; i++) out[to++] = bytes[from++]!;
  }
  return to - at;
}

/** The same, as bytes of their own. */
export function escapedText(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const out = new Uint8Array(bytes.length * ESCAPED_MAX);
  return out.slice(0, writeEscaped(out, 0, bytes, 0, bytes.length));
}

/** Bytes of a character beyond ASCII; 0 where it is malformed or a control character. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (at + length > end) return 0;
  const second = bytes[at + 1]!;
  // Neither longer than need be, nor a surrogate, nor past U+10FFFF, nor U+0080 to U+009F.
  const least = first === 0xe0 || first === 0xc2 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return length;
}
