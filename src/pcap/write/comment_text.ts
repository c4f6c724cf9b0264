/** Escapes untrusted text for comments, which are UTF-8 (RFC 3629) in one line. */

import { escapeByte, visibleLength } from "../../text/utf8.ts";

const BACKSLASH = 0x5c;
const QUOTE = 0x22;

/**
 * Writes text. Bytes that are not visible UTF-8 are escaped as `\x1b`, quotes and backslashes with
 * a backslash. There must be room for `ESCAPED_MAX` bytes per byte.
 *
 * @returns The number of bytes written.
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
    const size = visibleLength(bytes, from, end);
    if (size === 0) {
      to = escapeByte(out, to, byte);
      from++;
      continue;
    }
    if (byte === QUOTE || byte === BACKSLASH) out[to++] = BACKSLASH;
    for (let i = 0; i < size; i++) out[to++] = bytes[from++]!;
  }
  return to - at;
}
