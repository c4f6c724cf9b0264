/** Text from untrusted sources within an element. */

import { ascii, type LineWriter } from "../../text/line.ts";
import { escapeByte, visibleLength } from "../../text/utf8.ts";

const TAB = 0x09;
const AMPERSAND = ascii("&amp;");
const LESS = ascii("&lt;");
const GREATER = ascii("&gt;");

/** The most bytes that a byte of text takes. */
export const MARKUP_MAX = 5;

/**
 * Writes text of an element. `&`, `<` and `>` become entities; control characters, marks of
 * bidirectional text and bytes that are not UTF-8 become `\x1b`, because a document must not have
 * them. ulogd writes all of them as they are.
 */
export function markup(line: LineWriter, bytes: Uint8Array, from: number, length: number): void {
  const end = from + length;
  for (let at = from; at < end;) {
    const size = bytes[at] === TAB ? 1 : visibleLength(bytes, at, end);
    if (size === 0) {
      line.at = escapeByte(line.out, line.at, bytes[at]!);
      at++;
      continue;
    }
    for (const next = at + size; at < next; at++) character(line, bytes[at]!);
  }
}

function character(line: LineWriter, byte: number): void {
  switch (byte) {
    case 0x26:
      return line.text(AMPERSAND);
    case 0x3c:
      return line.text(LESS);
    case 0x3e:
      return line.text(GREATER);
    default:
      line.out[line.at++] = byte;
  }
}
