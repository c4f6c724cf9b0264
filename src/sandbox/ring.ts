/**
 * The memory that the privileged process and a sandbox share: slots that hold
 * datagrams on their way in and records on their way out, and the words by which
 * the two hand them to each other.
 *
 * One stretch of memory: the header's page, the words of all slots, what is handed over
 * before there are packets, the slots' inputs, their output areas.
 *
 * @module
 */

import { DATAGRAM_MAX } from "../source/source.ts";
import { Awaited } from "./wakeup.ts";
import { Slot, slotWords, State } from "./slot.ts";

/** Bytes of a slot's input: it takes datagrams while there is room for the largest. */
export const INPUT_SIZE: number = DATAGRAM_MAX * 2;
/** Bytes of each of a slot's output areas; any record fits. */
export const AREA_SIZE = 512 * 1024;
/** Bytes of what is handed over while a sandbox is loaded: the setup, then one file at a time. */
export const TRANSFER_SIZE = 1024 * 1024;

const PAGE = 4096;
/** Words of the header, each group in a cache line of its own. */
const AWAITED = 0;
/** Where the other side's words begin: rung by the privileged process. */
const CALLS = 16;
const SLEEPS = 17;
const DEALT = 32;
const NUMBERS = 33;

/** How large a ring is. */
export interface RingSize {
  /** How many slots. */
  slots: number;
  /** How many areas each of them has: one for each output, and one for what is traced. */
  areas: number;
}

/** Returns a part of the shared memory as a buffer of its own. */
export type Part = (offset: number, length: number) => ArrayBufferLike;

/** Returns how many bytes a ring takes. */
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

/** The slots of one sandbox as one process sees them. */
export class Ring {
  /** Every slot. */
  readonly slots: readonly Slot[];
  /** Files and the setup, one at a time, while a sandbox is loaded. */
  readonly transfer: Uint8Array;
  readonly #header: Int32Array;

  /**
   * Lays a ring over memory.
   *
   * @param size How large it is.
   * @param part Returns parts of the memory.
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

  /** The word that a {@linkcode Bell} of the sandbox waits for, and its place. */
  get wakeupWord(): { words: Int32Array; index: number } {
    return { words: this.#header, index: CALLS };
  }

  // Used by the privileged process.

  /** Sets the event that this process waits for from now on ({@linkcode Awaited}): look at the slots once more after it. */
  set awaited(value: number) {
    Atomics.store(this.#header, AWAITED, value);
  }

  /**
   * Puts a slot's number where the sandbox takes it from.
   *
   * @param index How many were put there before.
   */
  deal(slot: number, index: number): void {
    Atomics.store(this.#header, NUMBERS + index % this.slots.length, slot);
    Atomics.store(this.#header, DEALT, index + 1);
  }

  /** Begins anew: nothing is dealt. Only while no sandbox runs. */
  reset(): void {
    this.#header.fill(0);
  }

  /** Tells the sandbox that there is something new; whether it sleeps, and must be woken. */
  call(): boolean {
    Atomics.add(this.#header, CALLS, 1);
    return Atomics.load(this.#header, SLEEPS) !== 0;
  }

  // Used by the sandbox.

  /** How many slots were dealt so far, modulo 2^32. */
  get dealt(): number {
    return Atomics.load(this.#header, DEALT);
  }

  /** The slot that was dealt as number `index`. */
  dealtAt(index: number): Slot {
    const place = (index >>> 0) % this.slots.length;
    return this.slots[Atomics.load(this.#header, NUMBERS + place)]!;
  }

  /** How often this process was called so far, modulo 2^32: look at the slots after reading it. */
  get calls(): number {
    return Atomics.load(this.#header, CALLS);
  }

  /** Whether this process must be woken. */
  set sleeps(value: boolean) {
    Atomics.store(this.#header, SLEEPS, value ? 1 : 0);
  }

  /** Gives a slot back; whether the privileged process waits for that. */
  giveBack(slot: Slot, state: typeof State.FULL | typeof State.DONE): boolean {
    slot.state = state;
    const awaited = Atomics.load(this.#header, AWAITED);
    return awaited === Awaited.ANY || awaited === Awaited.FULL && state === State.FULL;
  }
}
