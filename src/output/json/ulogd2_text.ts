/** Strings as the jansson library prints them, in UTF-8. */

import { JSON_ESCAPED_MAX, UPPER_DIGITS, writeJsonText } from "../../text/json.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import { utf8Length } from "../../text/utf8.ts";

/** Bytes of the quotes. */
const QUOTES = 2;

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

/** Returns a text as a string in quotes. */
export function quotedText(text: string): string {
  const bytes = ascii(text);
  const line = new LineWriter();
  line.out = new Uint8Array(bytes.length * JSON_ESCAPED_MAX + QUOTES);
  writeJsonText(line, bytes, 0, bytes.length, UPPER_DIGITS);
  return new TextDecoder().decode(line.out.subarray(0, line.at));
}
