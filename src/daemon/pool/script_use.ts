/**
 * Whether packets pass through the script: one that fails time after time is left out
 * for a while, and then tried again.
 *
 * @module
 */

/** Failures in a row after which packets pass without the script, and for how long, in milliseconds. */
const FAILURES_MAX = 3;
const WITHOUT_MS = 10_000;
/** The same where decisions are traced, as by `nfscribe test`: what is wrong is looked for there. */
const TRACED_FAILURES_MAX = 20;

/** How a sandbox uses its script. */
export class ScriptUse {
  /** Whether the process has the script, or is to have it. */
  isUsed: boolean;
  /** When to try the script again; Infinity while it is at work, or there is none. */
  retryAtMs = Infinity;
  readonly #isThere: boolean;
  readonly #failuresMax: number;
  #failuresInRow = 0;
  #isHurried = false;
  #isRetried = false;

  /** Begins with the script, if there is one. */
  constructor(isThere: boolean, isTraced: boolean) {
    this.#isThere = isThere;
    this.isUsed = isThere;
    this.#failuresMax = isTraced ? TRACED_FAILURES_MAX : FAILURES_MAX;
  }

  /** Whether packets pass without the script, although there is one. */
  get isLeftOut(): boolean {
    return this.#isThere && !this.isUsed;
  }

  /** Failures since a slot was done with the script's help. */
  get failuresInRow(): number {
    return this.#failuresInRow;
  }

  /** Whether these are enough to do without the script. */
  get isUseless(): boolean {
    return this.#failuresInRow >= (this.#isHurried ? 1 : this.#failuresMax);
  }

  /** From now on one failure is enough. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** Counts a failure. */
  fail(): void {
    this.#failuresInRow++;
  }

  /** Begins to count failures anew: a slot was done with the script's help. */
  succeed(): void {
    if (this.isUsed) this.#failuresInRow = 0;
  }

  /**
   * Does without the script for a while.
   *
   * @returns For how long, in seconds.
   */
  leaveOut(): number {
    this.isUsed = false;
    this.retryAtMs = performance.now() + WITHOUT_MS;
    return WITHOUT_MS / 1000;
  }

  /** Has the next process use the script again; one failure is enough to leave it out again. */
  retry(): void {
    this.retryAtMs = Infinity;
    this.isUsed = true;
    this.#isRetried = true;
    this.#failuresInRow = this.#failuresMax - 1;
  }

  /** Whether a process that is ready is the first with the script again; true once. */
  takeRetried(): boolean {
    const isRetried = this.#isRetried && this.isUsed;
    if (isRetried) this.#isRetried = false;
    return isRetried;
  }
}
