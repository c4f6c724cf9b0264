/** UTF-8 (RFC 3629) from untrusted sources, and escapes for bytes that a line must not contain. */

const BACKSLASH = 0x5c;
const LOWER_X = 0x78;
const DIGITS = new TextEncoder().encode("0123456789abcdef");

/** The most bytes that an escaped byte takes: `\x00`. */
export const ESCAPED_MAX = 4;

/**
 * Returns the length of the UTF-8 character at an offset (RFC 3629 section 4); 0 if there is none.
 */
export function utf8Length(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size === 0 || at + size > end) return 0;
  const second = bytes[at + 1]!;
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  for (let i = 2; i < size; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return size;
}

/**
 * Returns the length of the visible UTF-8 character at an offset.
 *
 * @returns 0 if a line must not contain it unescaped: control characters, marks of bidirectional
 *   text, line separators, and bytes that are not UTF-8.
 */
export function visibleLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return first < 0x20 || first === 0x7f ? 0 : 1;
  const size = utf8Length(bytes, at, end);
  return size > 0 && isSteering(bytes, at) ? 0 : size;
}

/** Returns whether it is C1 or another non-ASCII character that `src/text/escape.ts` escapes. */
function isSteering(bytes: Uint8Array, at: number): boolean {
  const second = bytes[at + 1]!;
  switch (bytes[at]) {
    case 0xc2: // U+0080 to U+009F
      return second < 0xa0;
    case 0xd8: // U+061C
      return second === 0x9c;
    case 0xe2: {
      const third = bytes[at + 2]!;
      // U+200E, U+200F, U+2028 to U+202E
      if (second === 0x80) return third === 0x8e || third === 0x8f || third >= 0xa8 && third < 0xaf;
      // U+2066 to U+2069
      return second === 0x81 && third >= 0xa6 && third <= 0xa9;
    }
    default:
      return false;
  }
}

/** Writes a byte as `\xe9`; returns the position after it. */
export function escapeByte(out: Uint8Array, at: number, byte: number): number {
  out[at] = BACKSLASH;
  out[at + 1] = LOWER_X;
  out[at + 2] = DIGITS[byte >> 4]!;
  out[at + 3] = DIGITS[byte & 0xf]!;
  return at + ESCAPED_MAX;
}

/** The longest name, in bytes. */
export const NAME_MAX = 255;
const SPACE = /[\s\p{Z}]/gu;

/**
 * Returns an untrusted name as a word: visible, without spaces, of at most {@linkcode NAME_MAX}
 * bytes. Names of Linux interfaces stay as they are.
 */
export function nameBytes(name: string): Uint8Array {
  const out = new Uint8Array(NAME_MAX);
  let to = 0;
  for (const character of name) {
    const bytes = new TextEncoder().encode(character);
    const size = character.search(SPACE) < 0 ? visibleLength(bytes, 0, bytes.length) : 0;
    const needed = size > 0 ? size : bytes.length * ESCAPED_MAX;
    if (to + needed > NAME_MAX) break;
    if (size > 0) out.set(bytes, to);
    else for (let i = 0; i < bytes.length; i++) escapeByte(out, to + i * ESCAPED_MAX, bytes[i]!);
    to += needed;
  }
  return out.slice(0, to);
}
