/** Replays the packets of a capture file at the pace of their timestamps. */

/** A moment since the Unix epoch. */
type Moment = Readonly<{ seconds: number; nanoseconds: number }>;

/** The longest timeout of a timer, in milliseconds. */
const WAIT_MAX = 2 ** 31 - 1;

/** Computes delays that repeat the pauses between the packets of a capture. */
export class Pace {
  #first: Moment | undefined;
  #startMs = 0;

  /**
   * Returns how long to wait before a packet.
   *
   * @param time Its timestamp.
   * @param nowMs The current time, from `performance.now()`.
   * @returns Milliseconds, 0 if it is due; at most the longest timeout of a timer.
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
