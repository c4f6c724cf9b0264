/** Exchange of slots with the privileged process, as a sandbox sees it. */

import type { Ring } from "./ring.ts";
import { type Slot, State } from "./slot.ts";
import type { Wakeup } from "./wakeup.ts";

/** Longest wait for a slot before timers and promises of the script run, in milliseconds. */
const BLOCK_MS = 24;
/** Interval between checks of a slot that is being written, in milliseconds. */
const FULL_WAIT_MS = 10_000;

// Kept, because a script may replace it later.
const now = performance.now.bind(performance);

/** Waits for slots and gives them back. */
export class SlotExchange {
  readonly #ring: Ring;
  readonly #wakeup: Wakeup;

  /** Creates it for the memory that both processes share. */
  constructor(ring: Ring, wakeup: Wakeup) {
    this.#ring = ring;
    this.#wakeup = wakeup;
  }

  /** Returns whether more than `index` slots were dispatched. */
  has(index: number): boolean {
    return this.#ring.dispatched !== index;
  }

  /**
   * Waits until more than `index` slots were dispatched: first blocked, then with the script's
   * timers running.
   */
  async wait(index: number): Promise<void> {
    const ring = this.#ring;
    const untilMs = now() + BLOCK_MS;
    ring.sleeps = true;
    for (;;) {
      const calls = ring.calls;
      if (this.has(index)) break;
      const leftMs = untilMs - now();
      if (leftMs > 0) this.#wakeup.wait(calls, leftMs);
      else await this.#wakeup.waitAsync(calls);
    }
    ring.sleeps = false;
  }

  /** Returns the slot that was dispatched as number `index`. */
  slotAt(index: number): Slot {
    return this.#ring.dispatchedAt(index);
  }

  /** Gives a slot back whose work is done. */
  complete(slot: Slot): void {
    if (this.#ring.release(slot, State.DONE)) this.#wakeup.ring();
  }

  /** Lets the privileged process write a slot's full areas, and waits until it has. */
  empty(slot: Slot): void {
    const ring = this.#ring;
    if (ring.release(slot, State.FULL)) this.#wakeup.ring();
    ring.sleeps = true;
    for (;;) {
      const calls = ring.calls;
      if (slot.state !== State.FULL) break;
      this.#wakeup.wait(calls, FULL_WAIT_MS);
    }
    ring.sleeps = false;
  }
}
