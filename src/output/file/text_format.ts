/** Formats of text files: whole lines, perhaps within a document. */

import { isCapture } from "../../pcap/write/pcap.ts";
import { ascii } from "../../text/line.ts";
import { endsWith, type FileEnd, type FileFormat, type ReadAt } from "./record_file.ts";

const NEWLINE = 0x0a;
/** Bytes that are searched at once. */
const BLOCK = 65_536;
/** Bytes in which the beginning of a torn record of several lines is searched for. */
const RECORD_MAX = 1_048_576;

/** Properties of a format of lines. */
export interface LinesOptions {
  /** First line of every record, if a record is several lines. */
  firstLine?: string;
}

/**
 * Returns the format of a text file. A last line without an end is part of a record, and is cut
 * off.
 */
export function linesFormat({ firstLine }: LinesOptions = {}): FileFormat {
  const first = firstLine === undefined ? undefined : ascii(firstLine);
  return {
    header: new Uint8Array(0),
    check(readAt, size): FileEnd {
      refuseCapture(readAt);
      const end = endOfLines(readAt, size);
      if (end === size || first === undefined) return { end };
      const torn = new Uint8Array(Math.min(size - end, first.length));
      readAt(end, torn);
      // Only the first line is torn: the record before it is whole.
      if (torn.every((byte, at) => byte === first[at])) return { end };
      return { end: startOfLast(readAt, end, first) };
    },
  };
}

/** Returns the format of a document: a header, lines, and an end. */
export function documentFormat(header: string, trailer: string, what: string): FileFormat {
  const expected = ascii(header);
  const last = ascii(trailer);
  return {
    header: expected,
    trailer: last,
    check(readAt, size): FileEnd {
      const start = new Uint8Array(Math.min(size, expected.length));
      readAt(0, start);
      if (!start.every((byte, at) => byte === expected[at])) {
        throw new Error(`it is no ${what}; choose another file`);
      }
      if (size < expected.length) return { end: 0 };
      const end = endOfLines(readAt, size);
      // Part of a record follows the trailer if another program appended to the file.
      const isClosed = end < size && endsWith(readAt, end, last);
      return { end: isClosed ? end - last.length : end };
    },
  };
}

/** Throws if a file is a capture, which lines would spoil. */
export function refuseCapture(readAt: ReadAt): void {
  const start = new Uint8Array(4);
  if (isCapture(start.subarray(0, readAt(0, start)))) {
    throw new Error("it is a pcap or pcapng file, and no text; choose another file");
  }
}

/** Returns the offset after the last whole line; 0 if there is none. */
function endOfLines(readAt: ReadAt, size: number): number {
  for (let end = size; end > 0; end -= Math.min(end, BLOCK)) {
    const block = new Uint8Array(Math.min(end, BLOCK));
    const start = end - block.length;
    readAt(start, block);
    const last = block.lastIndexOf(NEWLINE);
    if (last >= 0) return start + last + 1;
  }
  return 0;
}

/** Returns the offset of the last record before `end`; `end` if none begins shortly before it. */
function startOfLast(readAt: ReadAt, end: number, first: Uint8Array): number {
  const block = new Uint8Array(Math.min(end, RECORD_MAX));
  const start = end - block.length;
  readAt(start, block);
  for (let at = block.length - first.length; at >= 0; at--) {
    const isLine = start + at === 0 || block[at - 1] === NEWLINE;
    if (isLine && first.every((byte, i) => block[at + i] === byte)) return start + at;
  }
  return end;
}
