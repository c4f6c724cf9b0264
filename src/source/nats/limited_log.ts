/** Logs messages that others can cause in any number. */

/** Messages that are logged one by one within an interval; further ones are counted. */
const LOGGED_MOST = 5;
const INTERVAL_MS = 60_000;

/** A log of the first messages in each minute. */
export class LimitedLog {
  readonly #warn: (message: string) => void;
  readonly #further: (count: number) => string;
  #beganMs = -Infinity;
  #logged = 0;
  #silent = 0;

  /** Creates a log with the text that tells how many were not logged. */
  constructor(warn: (message: string) => void, further: (count: number) => string) {
    this.#warn = warn;
    this.#further = further;
  }

  /** Logs a message, or counts it. */
  warn(message: string, nowMs = performance.now()): void {
    if (nowMs - this.#beganMs > INTERVAL_MS) {
      if (this.#silent > 0) this.#warn(this.#further(this.#silent));
      [this.#beganMs, this.#logged, this.#silent] = [nowMs, 0, 0];
    }
    if (this.#logged++ < LOGGED_MOST) this.#warn(message);
    else this.#silent++;
  }
}
