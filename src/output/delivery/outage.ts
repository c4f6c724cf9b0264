/** A time without success: from the first failure until rows are committed, or none wait. */

import type { OutputLog } from "../output.ts";

/** Initial and largest delay before connecting again, in milliseconds. */
const BACKOFF_MS = 250;
const BACKOFF_MOST_MS = 10_000;
/** Interval of the count of failures in the log, in milliseconds. */
const COUNT_MS = 600_000;
/** Number of different errors that are logged; their texts may hold numbers that change. */
const ERRORS_MOST = 10;

/** Logs each error of an outage once; says how long to wait between two attempts. */
export class Outage {
  readonly #log: OutputLog;
  readonly #onProblem: (message: string | undefined) => void;
  readonly #logged = new Set<string>();
  #message: string | undefined;
  #sinceMs = 0;
  #countedMs = 0;
  #failures = 0;

  /**
   * Begins without a failure.
   *
   * @param log Receives each error, and the end of the outage.
   * @param onProblem Called with the first error and every other one, and without any at the end.
   */
  constructor(log: OutputLog, onProblem: (message: string | undefined) => void) {
    this.#log = log;
    this.#onProblem = onProblem;
  }

  /** Number of failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Notes a failure; returns the delay before the next attempt in milliseconds. */
  fail(message: string): number {
    const now = performance.now();
    if (this.#failures === 0) this.#sinceMs = this.#countedMs = now;
    const most = Math.min(BACKOFF_MOST_MS, BACKOFF_MS * 2 ** this.#failures++);
    if (message !== this.#message) this.#onProblem(message);
    this.#message = message;
    if (!this.#logged.has(message) && this.#logged.size < ERRORS_MOST) {
      this.#logged.add(message);
      this.#log.warn(`${message}; rows wait in the spool, and this is tried again`);
    } else if (now >= this.#countedMs + COUNT_MS) {
      this.#countedMs = now;
      const minutes = Math.round((now - this.#sinceMs) / 60_000);
      const count = `${this.#failures} attempts in ${minutes} minutes failed`;
      this.#log.warn(`${message}; rows wait in the spool: ${count}`);
    }
    return most * (0.5 + Math.random() / 2);
  }

  /** Notes a success; logs it after failures. */
  end(where: string): void {
    if (this.#failures === 0) return;
    const seconds = ((performance.now() - this.#sinceMs) / 1000).toFixed(1);
    const failures = this.#failures === 1 ? "1 failure" : `${this.#failures} failures`;
    this.#log.info(`Connected to ${where} again after ${seconds} s and ${failures}`);
    this.#failures = 0;
    this.#logged.clear();
    this.#onProblem(this.#message = undefined);
  }
}
