/**
 * How the daemon's loop waits: without using CPU, for packets, for sandboxes,
 * for its own timers and for whoever calls.
 *
 * @module
 */

import type { Events } from "../sandbox/mailbox.ts";
import type { Reader } from "../source/source.ts";

/** What ends a rest. */
export interface Rest {
  /** How long at the most, in milliseconds. */
  timeoutMs: number;
  /** Packets that arrive at one of these. */
  readers: readonly Reader[];
  /** The counter of slots as seen last, where a slot that is given back does, too. */
  seen: number | undefined;
}

/** Puts one thread to rest and wakes it. */
export class Waker {
  /** Whether a reader has something since the last rest. */
  readable = false;
  readonly #events: Events;
  readonly #armed = new Set<Reader>();
  #eventsArmed = false;
  #woken = false;
  #resolve: (() => void) | undefined;

  /** Makes a waker for the thread that the counter's slots are given back to. */
  constructor(events: Events) {
    this.#events = events;
  }

  /** Whether somebody called {@linkcode wake} since the last rest. */
  get woken(): boolean {
    return this.#woken;
  }

  /** Ends a rest, or the next one. */
  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  /**
   * Sleeps: blocks this thread, which costs a fifth of what a timer does.
   *
   * @param ms How long.
   * @param urgent {@linkcode Events.urgent} as seen before: a sandbox that waits ends it.
   */
  pause(ms: number, urgent: number): void {
    this.readable = false;
    this.#events.sleep(ms, urgent);
  }

  /** Waits for the first of a few things, and lets timers, messages and signals in. */
  async rest({ timeoutMs, readers, seen }: Rest): Promise<void> {
    this.readable = false;
    if (!this.#woken) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#resolve = resolve;
      for (const reader of readers) this.#arm(reader);
      if (seen !== undefined) this.#armEvents(seen);
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

  #armEvents(seen: number): void {
    if (this.#eventsArmed) return;
    this.#eventsArmed = true;
    this.#events.after(seen).then(() => {
      this.#eventsArmed = false;
      this.#resolve?.();
    });
  }
}
