/**
 * Decides whether packets pass through the script: one that fails repeatedly is bypassed for a
 * while, then tried again.
 */

/** Failures in a row after which the script is bypassed, and for how long, in milliseconds. */
const FAILURES_MAX = 3;
const BYPASS_MS = 10_000;
/**
 * Number of failures while decisions are traced, as in `nfscribe test`: the trace shows each
 * failure.
 */
const TRACED_FAILURES_MAX = 20;

/** Use of a script by a sandbox. */
export class ScriptUse {
  /** Whether the process has the script, or will have it. */
  isUsed: boolean;
  /** Time to try the script again; Infinity while it is used, or without a script. */
  retryAtMs = Infinity;
  readonly #isThere: boolean;
  readonly #failuresMax: number;
  #failuresInRow = 0;
  #isExpedited = false;
  #isRetried = false;

  /** Starts with the script, if there is one. */
  constructor(isThere: boolean, isTraced: boolean) {
    this.#isThere = isThere;
    this.isUsed = isThere;
    this.#failuresMax = isTraced ? TRACED_FAILURES_MAX : FAILURES_MAX;
  }

  /** Whether packets bypass the script. */
  get isBypassed(): boolean {
    return this.#isThere && !this.isUsed;
  }

  /** Failures since the last slot that the script completed. */
  get failuresInRow(): number {
    return this.#failuresInRow;
  }

  /** Whether there are enough failures to bypass the script. */
  get mustBypass(): boolean {
    return this.#failuresInRow >= (this.#isExpedited ? 1 : this.#failuresMax);
  }

  /** Bypasses the script after one failure from now on. */
  expedite(): void {
    this.#isExpedited = true;
  }

  fail(): void {
    this.#failuresInRow++;
  }

  /** Resets the failures after a slot that the script completed. */
  succeed(): void {
    if (this.isUsed) this.#failuresInRow = 0;
  }

  /**
   * Bypasses the script for a while.
   *
   * @returns Duration in seconds.
   */
  bypass(): number {
    this.isUsed = false;
    this.retryAtMs = performance.now() + BYPASS_MS;
    return BYPASS_MS / 1000;
  }

  /** Uses the script again in the next process; one failure is enough to bypass it again. */
  retry(): void {
    this.retryAtMs = Infinity;
    this.isUsed = true;
    this.#isRetried = true;
    this.#failuresInRow = this.#failuresMax - 1;
  }

  /** Returns true once, for the first ready process that has the script again. */
  takeRetried(): boolean {
    const isRetried = this.#isRetried && this.isUsed;
    if (isRetried) this.#isRetried = false;
    return isRetried;
  }
}
