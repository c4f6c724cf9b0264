/**
 * The memory that a sandbox and its parent share, as the parent holds it.
 *
 * @module
 */

import { closeDescriptor } from "../../../ffi/descriptor.ts";
import { Futex } from "../../../ffi/futex.ts";
import { makeSharedFile, SharedMemory } from "../../../ffi/shared_memory.ts";
import { Ring, ringBytes, type RingSize } from "../../sandbox/ring.ts";

/** A ring in memory of its own, which outlives the processes that work on it. */
export class SharedRing {
  /** Its size. */
  readonly size: RingSize;
  /** The slots. */
  readonly ring: Ring;
  /** The memory's descriptor, for a process. */
  readonly descriptor: number;
  readonly #memory: SharedMemory;
  readonly #futex: Futex;

  /**
   * Makes it.
   *
   * @throws {NetlinkError} If the system refuses the memory.
   */
  constructor(size: RingSize) {
    this.size = size;
    const bytes = ringBytes(size);
    this.descriptor = makeSharedFile("nfscribe sandbox", bytes);
    this.#memory = new SharedMemory(this.descriptor, bytes);
    this.ring = new Ring(size, (offset, length) => this.#memory.part(offset, length));
    const { words, index } = this.ring.wakeupWord;
    this.#futex = new Futex(words as Int32Array<ArrayBuffer>, index);
  }

  /** Wakes the process, if it sleeps: there is something to do. */
  call(): void {
    if (this.ring.call()) this.#futex.wake();
  }

  /**
   * Gives the memory back.
   *
   * @param isFree Whether no process can write there any more; else only the descriptor is closed.
   */
  close(isFree: boolean): void {
    closeDescriptor(this.descriptor);
    if (isFree) this.#memory[Symbol.dispose]();
  }
}
