/**
 * Kinds of record: what sources make, filters decide about and outputs accept.
 *
 * @module
 */

import type { RawPacket } from "../packet/raw_packet.ts";

/** The raw form of each kind of record: numbers and offsets, filled in again for each record. */
export interface RawRecords {
  /** A packet that a firewall rule logged. */
  packet: RawPacket;
}

/** A kind of record. */
export type RecordKind = keyof RawRecords;
/** The raw form of any kind. */
export type RawRecord = RawRecords[RecordKind];
