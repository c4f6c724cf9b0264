/**
 * How the two sides of a ring wait for each other. The words lie in the shared
 * memory; how a process sleeps is the caller's, because that takes system calls.
 *
 * @module
 */

/** Blocks and wakes the sandbox. */
export interface Wakeup {
  /**
   * Blocks this thread while the word has a value, until {@linkcode ring}, or for no
   * reason at all: look at the word.
   *
   * @param value The value.
   * @param timeoutMs How long at the most, in milliseconds.
   */
  wait(value: number, timeoutMs: number): void;
  /** Does the same without blocking this thread: timers and promises of the script go on. */
  waitAside(value: number): Promise<void>;
  /** Wakes the other side. */
  ring(): void;
}

/** The event that the privileged side waits for, as the sandbox sees it. */
export const Awaited = {
  /** Nothing: it is busy, and looks at the slots by itself. */
  NOTHING: 0,
  /** A slot whose area is full: the sandbox cannot go on before it is written. */
  FULL: 1,
  /** Any slot that is given back. */
  ANY: 2,
} as const;
