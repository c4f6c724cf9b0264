/** Kinds of record, which connect sources, filters and outputs. */

import type { RawCounter } from "../counter/raw_counter.ts";
import type { RawFlow } from "../flow/raw_flow.ts";
import type { RawPacket } from "../packet/raw_packet.ts";

/** Raw form of each kind of record: numbers and offsets, filled in again for each record. */
export interface RawRecords {
  /** A packet that a firewall rule logged. */
  packet: RawPacket;
  /** A flow that connection tracking follows. */
  flow: RawFlow;
  /** The counts of an accounting object. */
  counter: RawCounter;
}

/** A kind of record. */
export type RecordKind = keyof RawRecords;
/** Raw form of any kind. */
export type RawRecord = RawRecords[RecordKind];
