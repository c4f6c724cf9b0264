/**
 * How long a process has been at work on the same slot.
 *
 * @module
 */

import { State } from "../../sandbox/slot.ts";
import type { InFlightSlot } from "./in_flight.ts";

/** Watches whether a process gets on. */
export class Progress {
  #workingOn: InFlightSlot | undefined;
  #sinceMs = 0;

  /** Forgets what was seen: another process begins. */
  reset(): void {
    this.#workingOn = undefined;
  }

  /** Notes that the process goes on with a slot whose full areas were written. */
  goOn(): void {
    this.#sinceMs = performance.now();
  }

  /**
   * Looks at the slot that the process works on.
   *
   * @param current The first one that is not done, if any.
   * @param nowMs The time.
   * @param isUnseen Whether the last look is too long ago to tell.
   * @returns For how long it has not got on, in milliseconds.
   */
  look(current: InFlightSlot | undefined, nowMs: number, isUnseen: boolean): number {
    // One with full areas waits for its outputs, not for the process.
    const workingOn = current?.slot.state === State.FULL ? undefined : current;
    if (workingOn !== this.#workingOn || isUnseen) this.#sinceMs = nowMs;
    this.#workingOn = workingOn;
    return workingOn === undefined ? 0 : nowMs - this.#sinceMs;
  }
}
