/**
 * Age of the oldest row that waits. The system's clock tells it, which may be set at any time; the
 * monotonic clock bounds it.
 */

/** The oldest waiting rows. */
export interface Oldest {
  /** The session that spooled them. */
  session: string;
  /** Whether that is the session of this process. */
  isLive: boolean;
  /** Their position in the session's spool. */
  position: number;
  /** Time of spooling, in milliseconds since the Unix epoch; 0 if it is unknown. */
  timeMs: number;
}

/** Measures how long the oldest rows have waited. */
export class WaitingTime {
  readonly #wallMs: () => number;
  readonly #monotonicMs: () => number;
  #key = "";
  /** Time of spooling the oldest rows, by the monotonic clock. */
  #sinceMs: number;

  constructor(wallMs = () => Date.now(), monotonicMs = () => performance.now()) {
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#sinceMs = monotonicMs();
  }

  /** Returns how long rows have waited, in milliseconds; undefined if none wait. */
  measure(oldest: Oldest | undefined): number | undefined {
    const now = this.#monotonicMs();
    if (oldest === undefined) {
      this.#key = "";
      this.#sinceMs = now;
      return undefined;
    }
    const { session, isLive, position, timeMs } = oldest;
    const key = `${session} ${position}`;
    if (key !== this.#key) {
      const ageMs = Math.max(0, this.#wallMs() - timeMs);
      // Rows of this process came after those that were the oldest before.
      this.#sinceMs = isLive ? Math.max(this.#sinceMs, now - ageMs) : now - ageMs;
    }
    this.#key = key;
    return now - this.#sinceMs;
  }
}
