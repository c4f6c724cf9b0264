/** State of a slot between reception and output. */

import type { InterfaceTable } from "../../packet/interface.ts";
import type { Origin } from "../../record/origin.ts";
import type { SenderLoss } from "../../source/source.ts";
import { Mode, NO_PACKET, type Slot } from "../../sandbox/slot.ts";

/** Reason why the filter could not decide about packets. */
export type FailureKind = "failed" | "timedOut";

/**
 * Datagram of a slot. These values are authoritative: a sandbox can write over the slot's own
 * words.
 */
export interface Datagram {
  /** Index of its source. */
  source: number;
  /** Offset in the slot's memory, a multiple of 4. */
  offset: number;
  /** Length in bytes. */
  size: number;
  /** Time of reception: whole seconds since the Unix epoch. */
  seconds: number;
  /** Nanoseconds of that second. */
  nanoseconds: number;
  /** Names of interfaces at that time. */
  interfaces: InterfaceTable;
  /** Records that the kernel dropped after it, where it counts them. */
  dropped?: number;
  /** Loss in front of it that its sender tells of. */
  senderLoss?: SenderLoss;
  /** Origin, where its sender keeps it; it is the only datagram of its slot then. */
  origin?: Origin;
  /** Clients that watch and did not get it; its records are added to each. */
  omittedBy?: { omitted: number }[];
}

/** Position of a packet in a slot. */
export interface PacketPlace {
  /** Index of its datagram. */
  datagram: number;
  /** Offset in the slot's memory; 0 for the first packet of the datagram. */
  position: number;
}

/** Worker that processes slots. */
export interface SlotWorker {
  /** Starts work on a slot. */
  dispatch(inFlight: InFlightSlot): void;
  /** Resumes work on a slot after its full areas were written. */
  resume(inFlight: InFlightSlot): void;
  /** Reclaims a slot that is done. */
  reclaim(inFlight: InFlightSlot): void;
  /** Restarts work on a slot with impossible results. */
  rejectResults(inFlight: InFlightSlot): void;
}

/** Slot that was dispatched and is not done. */
export interface InFlightSlot {
  /** Sandbox that works on it. */
  sandbox: SlotWorker;
  slot: Slot;
  /** Kind of work (`Kind` of slot.ts). */
  kind: number;
  /** Mode of deciding (`Mode` of slot.ts). */
  mode: number;
  datagrams: readonly Datagram[];
  /** Number of datagrams that are counted. */
  counted: number;
  /** Well-formed packets of these datagrams. */
  wellFormed: number;
  /** Packets that are decided and written. */
  decided: number;
  /** First packet that is not decided. */
  resume: PacketPlace;
  /** Counter for packets that bypass the filter; undefined if the filter decides. */
  failure: FailureKind | undefined;
  /** Packet that bypasses the filter, and its counter. */
  skip: (PacketPlace & { failure: FailureKind }) | undefined;
  /** Packet during which the sandbox ended before. */
  suspect: PacketPlace | undefined;
  /** Whether the process was replaced because the script failed on this slot. */
  hasFailed: boolean;
  /** Whether a process wrote impossible results into it. */
  hasInvalidResults: boolean;
  /** Whether the process that returned it has ended. */
  processEnded: boolean;
  /** Number of failures of sandboxes without a script on it. */
  attempts: number;
  /** Origin of its only datagram; undefined if its sender does not keep it. */
  origin: Origin | undefined;
  /** Whether outputs know that it is a chunk. */
  isBegun: boolean;
}

/** Creates the state of a slot that is dispatched for the first time. */
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
    hasInvalidResults: false,
    processEnded: false,
    attempts: 0,
    origin: datagrams.length === 1 ? datagrams[0]!.origin : undefined,
    isBegun: false,
  };
}

/** Lets the slot's packets follow `on_error` instead of the script; they are counted as failed. */
export function applyOnError(inFlight: InFlightSlot, onError: "pass" | "drop"): void {
  if (inFlight.mode !== Mode.FILTER) return;
  inFlight.mode = onError === "pass" ? Mode.PASS : Mode.DROP;
  inFlight.failure = "failed";
}

/**
 * Attributes a failure to the packet that the filter was called with. After a timeout that packet
 * bypasses the filter; after an exit, which can have any cause, it is tried once more.
 *
 * @param inFlight Slot of the failure.
 * @param failure Kind of failure.
 */
export function attributeFailure(inFlight: InFlightSlot, failure: FailureKind): void {
  inFlight.hasFailed = true;
  const packet = currentPacket(inFlight);
  if (packet === undefined) return;
  if (failure === "timedOut" || isSamePlace(packet, inFlight.suspect)) {
    inFlight.skip = { ...packet, failure };
  } else {
    inFlight.suspect = packet;
  }
}

/**
 * Returns the packet that the filter was called with last, if the sandbox's words are plausible.
 */
function currentPacket({ slot, datagrams, resume }: InFlightSlot): PacketPlace | undefined {
  const { currentDatagram: number, currentPosition: position } = slot;
  const datagram = datagrams[number];
  if (position === NO_PACKET || datagram === undefined || number < resume.datagram) {
    return undefined;
  }
  const { offset, size } = datagram;
  return position >= offset && position < offset + size
    ? { datagram: number, position }
    : undefined;
}

/** Returns whether two positions are equal. */
export function isSamePlace(one: PacketPlace, other: PacketPlace | undefined): boolean {
  return one.datagram === other?.datagram && one.position === other.position;
}
