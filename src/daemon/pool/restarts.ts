/**
 * Schedules restarts of a process: immediately if it had been ready, else with exponential backoff.
 */

/** First and longest delay, in milliseconds. */
const FIRST_MS = 50;
const MOST_MS = 1000;
/** Longest time without a ready process, in milliseconds; then the run fails. */
const DOWN_MS = 60_000;

/** Schedule of restarts. */
export class Restarts {
  /** Time of the next start; Infinity while a process runs. */
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

  /** Notes that a ready process ended. */
  noteEnd(): void {
    this.#downSinceMs = performance.now();
  }

  /** Delays the next start; returns whether there has been no ready process for too long. */
  postpone(): boolean {
    const now = performance.now();
    this.atMs = now + Math.min(MOST_MS, FIRST_MS * 2 ** this.#failures++);
    return now - this.#downSinceMs > DOWN_MS;
  }
}
