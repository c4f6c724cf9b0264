/**
 * How the daemon's loop waits: without using CPU, for packets, for sandboxes,
 * for its own timers and for whoever calls.
 *
 * @module
 */

import type { Reader } from "../../source/source.ts";

/** What ends a rest. */
export interface WaitTargets {
  /** How long at the most, in milliseconds. */
  timeoutMs: number;
  /** Packets that arrive at one of these. */
  readers: readonly Reader[];
}

/** Puts one thread to rest and wakes it. */
export class IdleWait {
  /** Whether a reader has something since the last rest. */
  readable = false;
  readonly #armed = new Set<Reader>();
  #woken = false;
  #resolve: (() => void) | undefined;

  /** Whether somebody called {@linkcode wake} since the last rest. */
  get woken(): boolean {
    return this.#woken;
  }

  /** Ends a rest, or the next one. */
  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  /** Waits for the first of a few things, and lets timers, messages and signals in. */
  async rest({ timeoutMs, readers }: WaitTargets): Promise<void> {
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

  /** One wait for each reader is under way at the most: it goes on over several rests. */
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
