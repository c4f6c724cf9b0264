/**
 * Records that a source has lost.
 *
 * @module
 */

/** Records that a source has lost, and when that was noticed. */
export interface Loss {
  /** The source's name; empty where there is one only. */
  source: string;
  /** How many. */
  packets: number;
  /** When that was noticed: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds past them. */
  nanoseconds: number;
}
