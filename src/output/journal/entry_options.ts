/** Options of the journal's entries, as a sandbox's encoders are made with them. */

import type { DialectOptions } from "../lines/options.ts";

/** Options of the entries. */
export interface EntryOptions extends DialectOptions {
  /** Value of `SYSLOG_IDENTIFIER`. */
  identifier: string;
  /** Number of the priority; undefined to choose it by the packet's action. */
  priority?: number;
  /** Names of the fields that are written; all if left out. */
  fields?: readonly string[];
  /** Identifier of the run. */
  session: string;
}
