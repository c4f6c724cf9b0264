/**
 * Memory that the privileged process and a sandbox share: slots with datagrams and encoded records,
 * and the words for handing slots over.
 *
 * Layout: page of the header, words of all slots, transfer area for the start, inputs of the slots,
 * their output areas.
 */

import { DATAGRAM_MAX } from "../source/source.ts";
import { Awaited } from "./wakeup.ts";
import { Slot, slotWords, State } from "./slot.ts";

/** Size of a slot's input, in bytes: datagrams are added while the largest one fits. */
export const INPUT_SIZE: number = DATAGRAM_MAX * 2;
/** Size of each output area, in bytes; any record fits. */
export const AREA_SIZE = 512 * 1024;
/** Size of the transfer area, in bytes: for the setup, then for one file at a time. */
export const TRANSFER_SIZE = 1024 * 1024;

const PAGE = 4096;
/** Words of the header; each group is in a cache line of its own. */
const AWAITED = 0;
/** Words that the privileged process writes. */
const CALLS = 16;
const SLEEPS = 17;
const DISPATCHED = 32;
const NUMBERS = 33;

/** Size of a ring. */
export interface RingSize {
  slots: number;
  /** Areas of each slot: one for each output, and one for traces. */
  areas: number;
}

/** Maps a part of the shared memory as a buffer of its own. */
export type Part = (offset: number, length: number) => ArrayBufferLike;

/** Returns the size of a ring in bytes. */
export function ringBytes({ slots, areas }: RingSize): number {
  return areasAt({ slots, areas }) + slots * areas * AREA_SIZE;
}

function transferAt({ slots, areas }: RingSize): number {
  return PAGE + Math.ceil(4 * slots * slotWords(areas) / PAGE) * PAGE;
}

function inputsAt(size: RingSize): number {
  return transferAt(size) + TRANSFER_SIZE;
}

function areasAt(size: RingSize): number {
  return inputsAt(size) + size.slots * INPUT_SIZE;
}

/** Slots of one sandbox, as one process maps them. */
export class Ring {
  readonly slots: readonly Slot[];
  /** Transfer area for the setup and files, one at a time, while a sandbox is loaded. */
  readonly transfer: Uint8Array;
  readonly #header: Int32Array;

  /**
   * Maps a ring.
   *
   * @param size Size of the ring.
   * @param part Maps parts of the memory.
   */
  constructor(size: RingSize, part: Part) {
    this.#header = new Int32Array(part(0, PAGE));
    const words = slotWords(size.areas);
    const control = part(PAGE, 4 * size.slots * words);
    const inputs = inputsAt(size);
    const areas = areasAt(size);
    this.transfer = new Uint8Array(part(transferAt(size), TRANSFER_SIZE));
    this.slots = Array.from({ length: size.slots }, (_, slot) =>
      new Slot(
        new Int32Array(control, 4 * slot * words, words),
        part(inputs + slot * INPUT_SIZE, INPUT_SIZE),
        Array.from(
          { length: size.areas },
          (_, area) => part(areas + (slot * size.areas + area) * AREA_SIZE, AREA_SIZE),
        ),
      ));
  }

  /** Futex word that the sandbox waits for. */
  get wakeupWord(): { words: Int32Array; index: number } {
    return { words: this.#header, index: CALLS };
  }

  // Used by the privileged process.

  /**
   * Sets the event that this process waits for from now on ({@linkcode Awaited}); slots must be
   * checked again afterwards.
   */
  set awaited(value: number) {
    Atomics.store(this.#header, AWAITED, value);
  }

  /**
   * Enqueues a slot for the sandbox.
   *
   * @param index Number of slots that were enqueued before.
   */
  dispatch(slot: number, index: number): void {
    Atomics.store(this.#header, NUMBERS + index % this.slots.length, slot);
    Atomics.store(this.#header, DISPATCHED, index + 1);
  }

  /** Resets the ring for a new process; no sandbox may run. */
  reset(): void {
    this.#header.fill(0);
  }

  /** Signals the sandbox that there is work; returns whether it sleeps and must be woken. */
  call(): boolean {
    Atomics.add(this.#header, CALLS, 1);
    return Atomics.load(this.#header, SLEEPS) !== 0;
  }

  // Used by the sandbox.

  /** Number of slots that were dispatched, modulo 2^32. */
  get dispatched(): number {
    return Atomics.load(this.#header, DISPATCHED);
  }

  /** Returns the slot that was dispatched as number `index`. */
  dispatchedAt(index: number): Slot {
    const place = (index >>> 0) % this.slots.length;
    return this.slots[Atomics.load(this.#header, NUMBERS + place)]!;
  }

  /** Number of signals, modulo 2^32; slots must be checked after reading it. */
  get calls(): number {
    return Atomics.load(this.#header, CALLS);
  }

  /** Whether this process must be woken. */
  set sleeps(value: boolean) {
    Atomics.store(this.#header, SLEEPS, value ? 1 : 0);
  }

  /** Returns a slot to the privileged process; returns whether that process waits for it. */
  release(slot: Slot, state: typeof State.FULL | typeof State.DONE): boolean {
    slot.state = state;
    const awaited = Atomics.load(this.#header, AWAITED);
    return awaited === Awaited.ANY || awaited === Awaited.FULL && state === State.FULL;
  }
}
