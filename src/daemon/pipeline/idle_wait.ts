/**
 * Waits in the daemon's loop without using CPU: for packets, sandboxes, timers and calls of wake().
 */

import type { Reader } from "../../source/source.ts";

/** Events that end a wait. */
export interface WaitTargets {
  /** Longest duration, in milliseconds. */
  timeoutMs: number;
  /** Readers that become readable. */
  readers: readonly Reader[];
}

/** Suspends the loop and wakes it. */
export class IdleWait {
  /** Whether a reader became readable since the start of the last wait. */
  readable = false;
  readonly #armed = new Set<Reader>();
  #woken = false;
  #resolve: (() => void) | undefined;

  /** Whether {@linkcode wake} was called since the last wait. */
  get woken(): boolean {
    return this.#woken;
  }

  /** Ends the current wait, or else the next one. */
  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  /**
   * Waits for the first of these events; timers, messages and signals are handled in the meantime.
   */
  async wait({ timeoutMs, readers }: WaitTargets): Promise<void> {
    this.readable = false;
    if (!this.#woken) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#resolve = resolve;
      for (const reader of readers) this.#arm(reader);
      const timer = setTimeout(resolve, timeoutMs);
      await promise;
      clearTimeout(timer);
      this.#resolve = undefined;
    } else {
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#woken = false;
  }

  /** Starts a wait for a reader, unless one is pending from an earlier call. */
  #arm(reader: Reader): void {
    if (this.#armed.has(reader)) return;
    this.#armed.add(reader);
    reader.wait().then(() => {
      this.#armed.delete(reader);
      this.readable = true;
      this.#resolve?.();
    });
  }
}
