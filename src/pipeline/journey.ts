/**
 * A slot's way from the socket to the outputs, and what happens when the sandbox
 * that works on it ends.
 *
 * @module
 */

import type { InterfaceTable } from "../packet/interface.ts";
import type { Slot } from "../sandbox/slot.ts";
import type { Sandbox } from "./sandbox.ts";

/** A slot on its way. */
export interface Journey {
  /** Who works on it. */
  sandbox: Sandbox;
  /** The slot. */
  slot: Slot;
  /** The names that its datagrams' interfaces had, by datagram. */
  tables: InterfaceTable[];
  /** How many datagrams are counted. */
  counted: number;
  /** Where another sandbox would have to go on. */
  resume: { datagram: number; position: number };
  /** Where its packets are counted where the filter does not decide about them. */
  blame: "failed" | "timedOut" | undefined;
}

/** Moves what a sandbox could not finish into a free slot of another one. */
export function handOn(
  journey: Journey,
  sandbox: Sandbox,
  mode: number,
): void {
  const old = journey.slot;
  const slot = sandbox.free.shift()!;
  slot.clear(old.kind);
  slot.mode = mode;
  const { datagram, position } = journey.resume;
  slot.resumeAt(datagram, position);
  for (let index = 0; index < journey.tables.length; index++) {
    const source = old.sourceOf(index);
    slot.addDatagram({
      source,
      offset: old.offsetOf(index),
      size: old.sizeOf(index),
      seconds: old.secondsOf(index),
      nanoseconds: old.nanosecondsOf(index),
      messages: sandbox.tell(source, journey.tables[index]!),
    });
  }
  slot.memory.bytes.set(old.memory.bytes);
  journey.slot = slot;
  journey.sandbox = sandbox;
  sandbox.deal(slot);
}
