/**
 * The memory that the privileged thread and a sandbox share: slots that hold
 * datagrams on their way in and records on their way out.
 *
 * @module
 */

import { DATAGRAM_MAX } from "../source/source.ts";
import { Events } from "./mailbox.ts";
import { Slot, slotWords, State } from "./slot.ts";

/** Bytes of a slot's input: it takes datagrams while there is room for the largest. */
export const INPUT_SIZE: number = DATAGRAM_MAX * 2;
/** Bytes of each of a slot's output areas; any record fits. */
export const AREA_SIZE = 512 * 1024;

/** What is posted once to a sandbox: nothing in it is copied. */
export interface SharedRing {
  /** Counts the slots that any sandbox has given back; all rings share one. */
  events: SharedArrayBuffer;
  /** The words of every slot. */
  control: SharedArrayBuffer;
  /** The input of each slot. */
  inputs: SharedArrayBuffer[];
  /** The output areas of each slot, one for each output. */
  areas: SharedArrayBuffer[][];
}

/**
 * Makes the memory of a ring.
 *
 * @param slots How many slots.
 * @param outputs How many outputs.
 * @param events See {@linkcode Events.shared}.
 */
export function makeRing(slots: number, outputs: number, events: SharedArrayBuffer): SharedRing {
  const words = slotWords(outputs);
  return {
    events,
    control: new SharedArrayBuffer(4 * slots * words),
    inputs: Array.from({ length: slots }, () => new SharedArrayBuffer(INPUT_SIZE)),
    areas: Array.from(
      { length: slots },
      () => Array.from({ length: outputs }, () => new SharedArrayBuffer(AREA_SIZE)),
    ),
  };
}

/** The slots of one sandbox as one thread sees them. */
export class Ring {
  /** Every slot. */
  readonly slots: readonly Slot[];
  readonly #events: Events;

  /** Looks at a ring's memory. */
  constructor({ events, control, inputs, areas }: SharedRing) {
    this.#events = new Events(events);
    const outputs = areas[0]?.length ?? 0;
    const words = slotWords(outputs);
    this.slots = inputs.map((input, index) =>
      new Slot(new Int32Array(control, 4 * index * words, words), input, areas[index]!)
    );
  }

  /** Gives a slot back to the privileged thread and wakes it. */
  giveBack(slot: Slot, state: typeof State.FULL | typeof State.DONE): void {
    slot.state = state;
    this.#events.tell(state === State.FULL);
  }
}
