/**
 * When a process that ended is started again: at once where it had been ready, later from
 * time to time where it had not, or could not be started.
 *
 * @module
 */

/** How long to wait at first, and at the most, in milliseconds. */
const FIRST_MS = 50;
const MOST_MS = 1000;
/** How long there may be no process that is ready; then there is no going on. */
const DOWN_MS = 60_000;

/** Starts in a row that failed. */
export class Restarts {
  /** When to start the next process; Infinity while there is one. */
  atMs = Infinity;
  #failures = 0;
  #downSinceMs = 0;

  /** Whether no start has failed since a process was ready. */
  get isFirst(): boolean {
    return this.#failures === 0;
  }

  /** Notes that a process is ready. */
  succeed(): void {
    this.#failures = 0;
  }

  /** Notes that a process ended that was ready. */
  goDown(): void {
    this.#downSinceMs = performance.now();
  }

  /** Has the next start wait; whether there has been no process for too long. */
  postpone(): boolean {
    const now = performance.now();
    this.atMs = now + Math.min(MOST_MS, FIRST_MS * 2 ** this.#failures++);
    return now - this.#downSinceMs > DOWN_MS;
  }
}
