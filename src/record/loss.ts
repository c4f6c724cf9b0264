/** Records that a source lost. */

/** Loss of records at a source, and the time when it was noticed. */
export interface Loss {
  /** Name of the source; empty if there is only one. */
  source: string;
  /** Number of lost records. */
  packets: number;
  /** Time when it was noticed: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds past them. */
  nanoseconds: number;
}
