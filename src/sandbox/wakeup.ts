/**
 * Interface for waiting on the ring. Its words are in the shared memory; sleeping takes system
 * calls, which the caller provides.
 */

/** Suspends and wakes the sandbox. */
export interface Wakeup {
  /**
   * Blocks this thread while the word has a value, until it is woken; may return spuriously.
   *
   * @param value Value of the word.
   * @param timeoutMs Longest duration, in milliseconds.
   */
  wait(value: number, timeoutMs: number): void;
  /** Waits without blocking this thread: timers and promises of the script run. */
  waitAsync(value: number): Promise<void>;
  /** Wakes the privileged process. */
  ring(): void;
}

/** Event that the privileged process waits for. */
export const Awaited = {
  /** None: it is busy and will check the slots. */
  NOTHING: 0,
  /** Slot with a full area, at which the sandbox waits. */
  FULL: 1,
  /** Any returned slot. */
  ANY: 2,
} as const;
