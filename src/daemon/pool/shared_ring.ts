/** Memory shared with a sandbox, on the parent's side. */

import { closeDescriptor } from "../../../ffi/descriptor.ts";
import { Futex } from "../../../ffi/futex.ts";
import { makeSharedFile, SharedMemory } from "../../../ffi/shared_memory.ts";
import { Ring, ringBytes, type RingSize } from "../../sandbox/ring.ts";

/** Ring in shared memory that outlives the processes of its sandbox. */
export class SharedRing {
  readonly size: RingSize;
  /** Slots. */
  readonly ring: Ring;
  /** Descriptor of the memory, for a process. */
  readonly descriptor: number;
  readonly #memory: SharedMemory;
  readonly #futex: Futex;

  /**
   * Allocates the memory.
   *
   * @throws {NetlinkError} If the system refuses.
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

  /** Wakes the process if it sleeps. */
  call(): void {
    if (this.ring.call()) this.#futex.wake();
  }

  /**
   * Frees the memory.
   *
   * @param isFree Whether no process can write to it any more; otherwise only the descriptor is
   * closed.
   */
  close(isFree: boolean): void {
    closeDescriptor(this.descriptor);
    if (isFree) this.#memory[Symbol.dispose]();
  }
}
