/**
 * Signs of life for a watchdog, given by the loop that must not hang.
 *
 * @module
 */

/** Calls a function now and then, as long as its loop turns. */
export class Watchdog {
  readonly #intervalMs: number;
  readonly #feed: () => void;
  #nextMs: number;

  /**
   * Makes one; the first sign is due at once.
   *
   * @param watchdogMs Within what time the watchdog must be fed, in milliseconds; it is, twice as
   * often. Undefined without a watchdog: nothing is ever due.
   * @param feed Feeds it.
   */
  constructor(watchdogMs: number | undefined, feed: () => void) {
    this.#intervalMs = watchdogMs === undefined ? Infinity : watchdogMs / 2;
    this.#nextMs = watchdogMs === undefined ? Infinity : 0;
    this.#feed = feed;
  }

  /** When the next sign is due, as `performance.now()` tells it; Infinity for never. */
  get nextMs(): number {
    return this.#nextMs;
  }

  /**
   * The loop turns. A comparison, and now and then a sign.
   *
   * @param nowMs As `performance.now()` tells it.
   */
  beat(nowMs: number): void {
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + this.#intervalMs;
    this.#feed();
  }

  /**
   * Waits for something slow that is not the loop's fault, as an output that is
   * behind: meanwhile signs are given by a timer.
   *
   * @param work What to wait for.
   * @returns What it gives.
   */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    if (this.#intervalMs === Infinity) return await work;
    const timer = setInterval(() => this.beat(performance.now()), this.#intervalMs / 2);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  }
}
