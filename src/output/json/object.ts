/** Objects of JSON, each of whose members is written behind a comma. */

import type { LineWriter, Word } from "../../text/line.ts";

/** `{` and `}` */
const [OPEN, CLOSE] = [0x7b, 0x7d];

/** Ends an object that begins at `start`: the comma before its first member becomes its bracket. */
export function endObject(line: LineWriter, start: number): void {
  const { out } = line;
  if (line.at === start) line.at++;
  out[start] = OPEN;
  out[line.at++] = CLOSE;
}

/**
 * Ends an object that is a member itself, and removes it with its name if it is empty.
 *
 * @param start Position of the object.
 * @param key Its name, written before it.
 */
export function endMember(line: LineWriter, start: number, key: Word): void {
  if (line.at === start) line.at -= key.length;
  else endObject(line, start);
}
