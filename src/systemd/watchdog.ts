/** Sends keep-alives to a watchdog from the loop that it monitors. */

/** Calls a function at intervals, as long as the loop runs. */
export class Watchdog {
  readonly #intervalMs: number;
  readonly #send: () => void;
  #nextMs: number;

  /**
   * Creates a watchdog whose first keep-alive is due immediately.
   *
   * @param watchdogMs Timeout in milliseconds; keep-alives are sent twice as often. Undefined without a
   * watchdog: none is ever due.
   * @param send Sends a keep-alive.
   */
  constructor(watchdogMs: number | undefined, send: () => void) {
    this.#intervalMs = watchdogMs === undefined ? Infinity : watchdogMs / 2;
    this.#nextMs = watchdogMs === undefined ? Infinity : 0;
    this.#send = send;
  }

  /** Time of the next keep-alive, on the clock of `performance.now()`; Infinity for never. */
  get nextMs(): number {
    return this.#nextMs;
  }

  /**
   * Sends a keep-alive if it is due; called at each turn of the loop.
   *
   * @param nowMs Current time, on the clock of `performance.now()`.
   */
  ping(nowMs: number): void {
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + this.#intervalMs;
    this.#send();
  }

  /**
   * Awaits something slow that is no hang of the loop, such as a slow output: a timer sends keep-
   * alives in the meantime.
   *
   * @param work Promise to await.
   * @returns Its value.
   */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    if (this.#intervalMs === Infinity) return await work;
    const timer = setInterval(() => this.ping(performance.now()), this.#intervalMs / 2);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  }
}
