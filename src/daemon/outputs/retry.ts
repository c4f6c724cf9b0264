/**
 * Trying again what failed: later from time to time, told once, and told again
 * when it is well.
 *
 * @module
 */

import type { OutputLog } from "../../output/output.ts";

/** How long to wait after the first failure, and the most later, in milliseconds. */
const FIRST_MS = 250;
const MOST_MS = 10_000;

/** When something that failed is tried again. */
export class Retry {
  readonly #log: OutputLog;
  #problem: string | undefined;
  #failures = 0;
  #sinceMs = 0;
  #nextMs = 0;
  #hurried = false;
  #wake: (() => void) | undefined;

  /** Begins well. */
  constructor(log: OutputLog) {
    this.#log = log;
  }

  /** What is wrong; undefined while it is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether to try: always, but after a failure not before some time has passed. */
  get isDue(): boolean {
    return this.#problem === undefined || performance.now() >= this.#nextMs;
  }

  /**
   * It failed.
   *
   * @param problem What was tried and what is wrong; told unless it was told before.
   * @param meanwhile What becomes of packets, as in `its packets are counted as failed`.
   */
  fail(problem: string, meanwhile: string): void {
    const now = performance.now();
    if (this.#problem === undefined) this.#sinceMs = now;
    if (this.#problem !== problem) {
      this.#log.warn(`${problem}; it is tried again, and meanwhile ${meanwhile}`);
    }
    this.#problem = problem;
    const most = Math.min(MOST_MS, FIRST_MS * 2 ** this.#failures++);
    this.#nextMs = now + most * (0.5 + Math.random() / 2);
  }

  /** It works; told where it had failed. */
  succeed(): void {
    if (this.#problem === undefined) return;
    const seconds = ((performance.now() - this.#sinceMs) / 1000).toFixed(1);
    this.#log.info(`It can be written again after ${seconds} s`);
    this.#problem = undefined;
    this.#failures = 0;
  }

  /** Waits until the next try. */
  async untilDue(): Promise<void> {
    while (!this.isDue && !this.#hurried) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, this.#nextMs - performance.now());
      await promise;
      clearTimeout(timer);
    }
  }

  /** Nothing is waited for any more: the end is near. */
  hurry(): void {
    this.#hurried = true;
    this.#wake?.();
  }
}
