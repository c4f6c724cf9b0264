/** Takes areas of records apart: each record is a number of lines that end with a newline. */

const NEWLINE = 10;

/**
 * Returns the end of the record that begins at an offset: the offset behind its last newline.
 *
 * @param bytes Whole records.
 * @param from Offset of the record.
 * @param lines Number of its lines.
 */
export function endOfRecord(bytes: Uint8Array, from: number, lines = 1): number {
  let end = from;
  for (let line = 0; line < lines; line++) {
    const newline = bytes.indexOf(NEWLINE, end);
    if (newline < 0) return bytes.length;
    end = newline + 1;
  }
  return end;
}

/** Returns the end of the record that begins at an offset, whose last line is empty. */
export function endOfEntry(bytes: Uint8Array, from: number): number {
  let end = from;
  do {
    end = bytes.indexOf(NEWLINE, end) + 1;
    if (end === 0) return bytes.length;
  } while (bytes[end] !== NEWLINE);
  return end + 1;
}

/** Returns the offset between two records that is near the middle; 0 if there is one record only. */
export function middleOf(bytes: Uint8Array, lines = 1): number {
  let before = 0;
  for (let at = 0; at < bytes.length; at = endOfRecord(bytes, at, lines)) {
    if (at > bytes.length >> 1) return at;
    before = at;
  }
  return before;
}

/** Returns the records as text, without the newline at their end. */
export function splitRecords(bytes: Uint8Array, lines = 1): string[] {
  const decoder = new TextDecoder();
  const records: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = endOfRecord(bytes, at, lines);
    records.push(decoder.decode(bytes.subarray(at, end)).replace(/\n$/, ""));
    at = end;
  }
  return records;
}
