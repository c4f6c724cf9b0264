/** Names of fields of the journal. */

import { snakeCase } from "../../text/spelling.ts";

/** Returns the name and the sign before the value of a pair, as in `NFSCRIBE_SOURCE_PORT=`. */
export function fieldName(name: string): string {
  return `NFSCRIBE_${snakeCase(name).toUpperCase()}=`;
}
