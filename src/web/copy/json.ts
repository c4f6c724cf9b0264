/** Stored records as JSON for people. */

import { escapedLines } from "../../text/escape.ts";

/** Returns a record as JSON in lines, without its address in the store. */
export function recordJson(record: object): string {
  return escapedLines(JSON.stringify({ ...record, rowId: undefined }, null, 2));
}
