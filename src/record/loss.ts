/** Records that a source lost. */

import type { RecordKind } from "./kind.ts";

/** Loss of records at a source, and the time when it was noticed. */
export interface Loss {
  /** Name of the host that lost them; absent for this one. */
  host?: string;
  /** Session of the nfscribe there; absent for this one. */
  session?: string;
  /** Name of the source; empty if there is only one. */
  source: string;
  /** Kind of the records; absent where it is not known. */
  kind?: RecordKind;
  /** Number of lost records. */
  packets: number;
  /** Time when it was noticed: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds past them. */
  nanoseconds: number;
}
