/** Names of hosts in messages. */

import { escaped } from "../../text/escape.ts";

/** Hosts that a line names. */
const NAMED_MAX = 5;

/** Returns the first few of many names, fit for a terminal. */
export function named(names: readonly string[]): string {
  const further = names.length - NAMED_MAX;
  const first = escaped(names.slice(0, NAMED_MAX).join(", "));
  return further > 0 ? `${first} and ${further} more` : first;
}
