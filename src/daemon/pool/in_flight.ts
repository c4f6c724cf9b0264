/**
 * A slot on its way from the sources through a sandbox to the outputs.
 *
 * @module
 */

import type { InterfaceTable } from "../../packet/interface.ts";
import { Mode, NO_PACKET, type Slot } from "../../sandbox/slot.ts";

/** Packets that the filter could not decide about, by how it failed. */
export type FailureKind = "failed" | "timedOut";

/** A datagram of a slot. This is what counts: a sandbox can write over the slot's own words. */
export interface Datagram {
  /** Number of the source that it came from. */
  source: number;
  /** Where it begins in the slot's memory: a multiple of 4. */
  offset: number;
  /** Its length in bytes. */
  size: number;
  /** When it was received: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds past them. */
  nanoseconds: number;
  /** The names that interfaces had then. */
  interfaces: InterfaceTable;
}

/** A packet of a slot. */
export interface PacketPlace {
  /** Number of its datagram. */
  datagram: number;
  /** Its place in the slot's memory; 0 for the datagram's first. */
  position: number;
}

/** Works on slots. */
export interface SlotWorker {
  /** Begins with a slot. */
  deal(inFlight: InFlightSlot): void;
  /** Goes on with a slot whose full areas were written. */
  resume(inFlight: InFlightSlot): void;
  /** Takes a slot that is done off the list of those that are worked on. */
  takeBack(inFlight: InFlightSlot): void;
  /** Begins anew with a slot into which a process wrote impossible numbers. */
  distrust(inFlight: InFlightSlot): void;
}

/** A slot that was dealt and is not done. */
export interface InFlightSlot {
  /** The sandbox that works on it. */
  sandbox: SlotWorker;
  /** The slot. */
  slot: Slot;
  /** The work that is asked for (`Kind` of slot.ts). */
  kind: number;
  /** The way its packets are decided (`Mode` of slot.ts). */
  mode: number;
  /** Its datagrams. */
  datagrams: readonly Datagram[];
  /** How many of them are counted. */
  counted: number;
  /** Packets of these that were not damaged. */
  wellFormed: number;
  /** Packets that are decided and written. */
  decided: number;
  /** The first packet that is not. */
  resume: PacketPlace;
  /** How packets are counted that the filter is not asked about; undefined where it is. */
  failure: FailureKind | undefined;
  /** A packet that the filter is not asked about, and how it is counted. */
  skip: (PacketPlace & { failure: FailureKind }) | undefined;
  /** The packet at which the sandbox ended before. */
  suspect: PacketPlace | undefined;
  /** Whether the script failed on it so that its process was replaced. */
  hasFailed: boolean;
  /** Whether a process wrote impossible numbers into its words. */
  isDistrusted: boolean;
  /** Whether the process has ended that handed it over with full areas. */
  isOrphan: boolean;
  /** How often a sandbox failed on it that has no script to fail. */
  attempts: number;
}

/** A slot that is dealt for the first time. */
export function newInFlight(
  sandbox: SlotWorker,
  slot: Slot,
  kind: number,
  datagrams: readonly Datagram[],
): InFlightSlot {
  return {
    sandbox,
    slot,
    kind,
    mode: Mode.FILTER,
    datagrams,
    counted: 0,
    wellFormed: 0,
    decided: 0,
    resume: { datagram: 0, position: 0 },
    failure: undefined,
    skip: undefined,
    suspect: undefined,
    hasFailed: false,
    isDistrusted: false,
    isOrphan: false,
    attempts: 0,
  };
}

/** Has its packets follow `on_error` instead of the script; they count as failed. */
export function leaveOutScript(inFlight: InFlightSlot, onError: "pass" | "drop"): void {
  if (inFlight.mode !== Mode.FILTER) return;
  inFlight.mode = onError === "pass" ? Mode.PASS : Mode.DROP;
  inFlight.failure = "failed";
}

/**
 * Blames a failure on the packet that the filter was asked about. One that took too long
 * is not asked about again; one at which the process ended has another try, since that
 * may have had any cause.
 *
 * @param inFlight The slot that was worked on.
 * @param failure How the process ended.
 */
export function attributeFailure(inFlight: InFlightSlot, failure: FailureKind): void {
  inFlight.hasFailed = true;
  const packet = askedPacket(inFlight);
  if (packet === undefined) return;
  if (failure === "timedOut" || isSamePlace(packet, inFlight.suspect)) {
    inFlight.skip = { ...packet, failure };
  } else {
    inFlight.suspect = packet;
  }
}

/** Returns the packet that the filter was asked about last and has not answered about: as the sandbox says, if that can be. */
function askedPacket({ slot, datagrams, resume }: InFlightSlot): PacketPlace | undefined {
  const { askedDatagram: number, askedPosition: position } = slot;
  const datagram = datagrams[number];
  if (position === NO_PACKET || datagram === undefined || number < resume.datagram) {
    return undefined;
  }
  const { offset, size } = datagram;
  return position >= offset && position < offset + size
    ? { datagram: number, position }
    : undefined;
}

/** Whether two places are the same. */
export function isSamePlace(one: PacketPlace, other: PacketPlace | undefined): boolean {
  return one.datagram === other?.datagram && one.position === other.position;
}
