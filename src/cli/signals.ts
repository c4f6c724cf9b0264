/**
 * The signals of a run: SIGINT and SIGTERM end it, SIGHUP reloads, SIGUSR1 logs the counters,
 * SIGXFSZ has no effect.
 */

import type { RunControl } from "../daemon/run.ts";

/** They end it. */
const STOPS = ["SIGINT", "SIGTERM"] as const;

/**
 * SIGINT and SIGTERM end a run in order, a second one ends the process at once;
 * SIGHUP opens files anew and takes the configuration as it is now; SIGUSR1 writes
 * the counters to the log.
 */
export class Signals implements Disposable {
  /** The run that signals act on; they have no effect before it is set. */
  control: RunControl | undefined;
  readonly #stop = new AbortController();
  readonly #onStop = () => {
    // The next one ends the process in the system's own way.
    for (const signal of STOPS) Deno.removeSignalListener(signal, this.#onStop);
    this.#stop.abort();
  };
  readonly #onHangup = () => {
    this.control?.reload();
  };
  readonly #onReport = () => this.control?.report();

  /** Begins to listen. */
  constructor() {
    for (const signal of STOPS) Deno.addSignalListener(signal, this.#onStop);
    Deno.addSignalListener("SIGHUP", this.#onHangup);
    Deno.addSignalListener("SIGUSR1", this.#onReport);
    // For good: a file that may not grow (`ulimit -f`) fails the write, as a full disk does.
    Deno.addSignalListener("SIGXFSZ", () => {});
  }

  /** Aborted when the run is to end. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Ends the run, as a signal does. */
  end(): void {
    if (!this.stop.aborted) this.#onStop();
  }

  /** Listens no more. */
  [Symbol.dispose](): void {
    if (!this.stop.aborted) {
      for (const signal of STOPS) Deno.removeSignalListener(signal, this.#onStop);
    }
    Deno.removeSignalListener("SIGHUP", this.#onHangup);
    Deno.removeSignalListener("SIGUSR1", this.#onReport);
  }
}
