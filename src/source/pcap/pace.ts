/**
 * How fast the packets of a capture file come.
 *
 * @module
 */

/** A moment since the Unix epoch. */
type Moment = Readonly<{ seconds: number; nanoseconds: number }>;

/** The longest that a timer waits, in milliseconds. */
const WAIT_MAX = 2 ** 31 - 1;

/** Packets come with the pauses that they had when they were captured. */
export class Pace {
  #first: Moment | undefined;
  #startMs = 0;

  /**
   * How long a packet is still to wait.
   *
   * @param time When it was captured.
   * @param nowMs The time, as of `performance.now()`.
   * @returns Milliseconds, 0 where it is due; at most what a timer can wait.
   */
  wait(time: Moment, nowMs: number): number {
    if (this.#first === undefined) {
      this.#first = { seconds: time.seconds, nanoseconds: time.nanoseconds };
      this.#startMs = nowMs;
    }
    const first = this.#first;
    const sinceMs = (time.seconds - first.seconds) * 1000 +
      (time.nanoseconds - first.nanoseconds) / 1e6;
    return Math.min(Math.max(0, this.#startMs + sinceMs - nowMs), WAIT_MAX);
  }
}
