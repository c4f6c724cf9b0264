/** Times of raw records. */

/** A raw record, as far as its time goes. */
export interface Timed {
  /** The kernel's timestamp since the Unix epoch; ABSENT if there is none. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** The time of receipt. */
  readonly receivedSeconds: number;
  readonly receivedNanoseconds: number;
}
