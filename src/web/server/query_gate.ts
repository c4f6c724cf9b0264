/** Limits how many questions the store answers at once; others wait in order. */

import { RequestError } from "./request_error.ts";

/** Number of questions in answer and in wait. */
export interface GateLimits {
  atOnce: number;
  waiting: number;
}

/** Lets a few questions through at once. */
export class QueryGate {
  readonly #limits: GateLimits;
  #running = 0;
  /** Continuations of questions that wait. */
  readonly #waiting = new Set<() => void>();

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /**
   * Runs a question as soon as there is room.
   *
   * @param signal Aborted when the browser has left: a question that waits is never asked then.
   * @throws {RequestError} If too many wait already.
   */
  async run<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    await this.#enter(signal);
    try {
      return await ask();
    } finally {
      this.#running--;
      const [next] = this.#waiting;
      if (next !== undefined) {
        this.#waiting.delete(next);
        next();
      }
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.#limits.atOnce) {
      this.#running++;
      return;
    }
    if (this.#waiting.size >= this.#limits.waiting) {
      throw new RequestError(503, "Too many questions at once: ask again in a moment");
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const proceed = () => {
      this.#running++;
      resolve();
    };
    const leave = () => {
      if (this.#waiting.delete(proceed)) reject(signal.reason);
    };
    this.#waiting.add(proceed);
    signal.addEventListener("abort", leave, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }
}
