/** Measures how long a process has worked on the same slot. */

import { State } from "../../sandbox/slot.ts";
import type { InFlightSlot } from "./in_flight.ts";

/** Detects a process that makes no progress. */
export class Progress {
  #workingOn: InFlightSlot | undefined;
  #sinceMs = 0;

  /** Resets the measurement for a new process. */
  reset(): void {
    this.#workingOn = undefined;
  }

  /** Notes that the process resumes a slot whose full areas were written. */
  resume(): void {
    this.#sinceMs = performance.now();
  }

  /**
   * Checks the slot that the process works on.
   *
   * @param current First slot that is not done.
   * @param nowMs Current time.
   * @param isLate Whether the last check was too long ago to conclude anything.
   * @returns Time without progress, in milliseconds.
   */
  stalledMs(current: InFlightSlot | undefined, nowMs: number, isLate: boolean): number {
    // A slot with full areas waits for its outputs, not for the process.
    const workingOn = current?.slot.state === State.FULL ? undefined : current;
    if (workingOn !== this.#workingOn || isLate) this.#sinceMs = nowMs;
    this.#workingOn = workingOn;
    return workingOn === undefined ? 0 : nowMs - this.#sinceMs;
  }
}
