/** Ends commands that run until they are stopped. */

/** They end it. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** SIGINT and SIGTERM end a command in order; a second one ends the process at once. */
export class Stop implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal = () => this.now();
  #listens = true;

  /** Begins to listen. */
  constructor() {
    for (const signal of SIGNALS) Deno.addSignalListener(signal, this.#onSignal);
  }

  /** Aborted when the command is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends it, as a signal does. */
  now(): void {
    this[Symbol.dispose]();
    this.#controller.abort();
  }

  /** Removes the listeners: the next signal ends the process. */
  [Symbol.dispose](): void {
    if (!this.#listens) return;
    this.#listens = false;
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, this.#onSignal);
  }
}
