/**
 * Takes areas of records apart: each record is a line that ends with a newline.
 *
 * @module
 */

const NEWLINE = 10;

/**
 * Returns the end of the record that begins at an offset: the offset behind its newline.
 *
 * @param bytes Whole records.
 * @param from Offset of the record.
 */
export function endOfRecord(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(NEWLINE, from);
  return end < 0 ? bytes.length : end + 1;
}

/** Returns an offset between two records near the middle; 0 if there is one record only. */
export function middleOf(bytes: Uint8Array): number {
  const end = endOfRecord(bytes, bytes.length >> 1);
  if (end < bytes.length) return end;
  return bytes.lastIndexOf(NEWLINE, bytes.length - 2) + 1;
}

/** Returns the records as text, without their newlines. */
export function splitRecords(bytes: Uint8Array): string[] {
  const lines = new TextDecoder().decode(bytes).split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
