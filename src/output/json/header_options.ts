/** Options of headers as lists of JSON. */

import { ITEMS_MAX } from "../../packet/structured.ts";
import { writeHex } from "../../text/json.ts";
import { type LineWriter, Word } from "../../text/line.ts";

/** End of the list, and padding of one byte, in IPv4 as in TCP. */
const [END, NOP] = [0, 1];
const TYPE = new Word('{"type":');
const NEXT = new Word(',{"type":');
const DATA = new Word(',"data":');
const ITEM_END = new Word("}");
const LIST_END = new Word("]");

/**
 * Writes the options of IPv4 or TCP, as `packet/options.ts` lists them; nothing if there is none.
 *
 * @param key The list's name and its opening bracket.
 */
export function headerOptions(
  line: LineWriter,
  key: Word,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  let isFirst = true;
  for (let at = start; at < end && bytes[at] !== END;) {
    if (bytes[at] === NOP) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > end) break;
    if (isFirst) line.word(key);
    item(line, bytes, at, length, isFirst);
    isFirst = false;
    at += length;
  }
  if (!isFirst) line.word(LIST_END);
}

/**
 * Writes the options of neighbour discovery, whose length in units of 8 bytes includes type and
 * length; nothing if there is none.
 *
 * @param key The list's name and its opening bracket.
 */
export function neighbourOptions(
  line: LineWriter,
  key: Word,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  let written = 0;
  for (let at = start; at + 2 <= end && written < ITEMS_MAX; written++) {
    const length = bytes[at + 1]! * 8;
    if (length === 0 || at + length > end) break;
    if (written === 0) line.word(key);
    item(line, bytes, at, length, written === 0);
    at += length;
  }
  if (written > 0) line.word(LIST_END);
}

function item(
  line: LineWriter,
  bytes: Uint8Array,
  at: number,
  length: number,
  isFirst: boolean,
): void {
  line.word(isFirst ? TYPE : NEXT);
  line.small(bytes[at]!);
  line.word(DATA);
  writeHex(line, bytes, at + 2, at + length);
  line.word(ITEM_END);
}
