/**
 * Schedules retries after failures, with exponential backoff; logs each problem once, and the
 * recovery. A problem that comes and goes, as where nothing listens at a UDP port, is not logged
 * each time.
 */

import type { OutputLog } from "../../output/output.ts";

/** First and longest delay, in milliseconds. */
const FIRST_MS = 250;
const MOST_MS = 10_000;
/** Time after a logged recovery in which the same problem is not logged again, in milliseconds. */
const CALM_MS = 10_000;

/** Retry schedule of one output. */
export class Retry {
  readonly #log: OutputLog;
  #problem: string | undefined;
  /** Problem whose recovery is to be logged; undefined if none is logged as present. */
  #logged: string | undefined;
  /** The problem that was logged last, and the time of its logged recovery. */
  #last: string | undefined;
  #recoveredMs = -Infinity;
  #failures = 0;
  #sinceMs = 0;
  #nextMs = 0;
  #expedited = false;
  #wake: (() => void) | undefined;

  /** Starts without a problem. */
  constructor(log: OutputLog) {
    this.#log = log;
  }

  /** Current problem; undefined if there is none. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether to try now: always without a problem, else once the delay is over. */
  get isDue(): boolean {
    return this.#problem === undefined || performance.now() >= this.#nextMs;
  }

  /**
   * Notes a failure and schedules the next try.
   *
   * @param problem Text with what was tried and what is wrong; logged if it differs from the last
   * one.
   * @param meanwhile Text with what happens to packets, as in `its packets are counted as failed`.
   * @param leastMs Shortest delay, in milliseconds.
   */
  fail(problem: string, meanwhile: string, leastMs = 0): void {
    const now = performance.now();
    if (this.#problem === undefined) this.#sinceMs = now;
    const isCalm = now - this.#recoveredMs >= CALM_MS;
    if (this.#logged !== problem && (this.#last !== problem || isCalm)) {
      this.#log.warn(`${problem}; it is tried again, and meanwhile ${meanwhile}`);
      this.#logged = this.#last = problem;
    }
    this.#problem = problem;
    const most = Math.min(MOST_MS, FIRST_MS * 2 ** this.#failures++);
    this.#nextMs = now + Math.max(leastMs, most * (0.5 + Math.random() / 2));
  }

  /** Notes a success and logs the recovery. */
  succeed(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#failures = 0;
    if (this.#logged === undefined) return;
    const now = performance.now();
    this.#log.info(`It can be written again after ${((now - this.#sinceMs) / 1000).toFixed(1)} s`);
    this.#logged = undefined;
    this.#recoveredMs = now;
  }

  /** Waits for the next try. */
  async untilDue(): Promise<void> {
    while (!this.isDue && !this.#expedited) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, Math.max(1, this.#nextMs - performance.now()));
      await promise;
      clearTimeout(timer);
    }
  }

  /** Ends waiting: a stop has begun. */
  expedite(): void {
    this.#expedited = true;
    this.#wake?.();
  }
}
