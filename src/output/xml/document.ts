/** The document around the records. */

import type { XmlRecords } from "./options.ts";

/** Root elements by kind of record, as ulogd has them. */
const ROOTS: Readonly<Record<XmlRecords, string>> = {
  packets: "<packet>",
  flows: "<conntrack>",
  counters: "<sum>",
};

/** Returns the beginning of a file. */
export function headerOf(records: XmlRecords): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${ROOTS[records]}\n`;
}

/** Returns the end of a file. */
export function trailerOf(records: XmlRecords): string {
  return `${ROOTS[records].replace("<", "</")}\n`;
}
