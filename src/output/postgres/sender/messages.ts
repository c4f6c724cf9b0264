/**
 * What the privileged thread and the sender tell each other.
 *
 * @module
 */

import type { Connection } from "../connection.ts";
import type { Segment } from "../../../buffer/segment_format.ts";

/** What the sender is started with. */
export interface SenderSetup {
  /** Where the database is. */
  connection: Connection;
  /** The table's name, as the configuration has it. */
  table: string;
  /** Whether the table is made, or brought up to date. */
  create: boolean;
  /** The spool's folder. */
  folder: string;
  /** This session: a UUID. */
  session: string;
  /** The host that is noted for it. */
  host: string;
  /** How long rows gather, in milliseconds. */
  flushMs: number;
  /** How many rows are sent at once. */
  flushRows: number;
  /** Whether the spool is made to last a power failure every second. */
  sync: boolean;
  /** How many days are kept; absent for all. */
  retentionDays?: number;
  /** Segments that earlier sessions have left. */
  found: Segment[];
  /** The numbers' memory. */
  numbers: SharedArrayBuffer;
}

/** From the privileged thread to the sender. */
export type ToSender =
  | { kind: "start"; setup: SenderSetup }
  /** A segment was begun. */
  | { kind: "segment"; segment: Segment }
  /** Nothing more is spooled: send what there is while the server takes it, and only for a while if it is urgent. */
  | { kind: "stop"; urgent: boolean };

/** From the sender to the privileged thread. */
export type FromSender =
  /** The first connection stands, or the server is away. */
  | { kind: "ready" }
  /** The first connection, or the table, cannot be used: a person must act. */
  | { kind: "denied"; message: string }
  /** Something for the log. */
  | { kind: "log"; level: "info" | "warn"; message: string; fields: Record<string, unknown> }
  /** All is sent, or left in the spool. */
  | { kind: "stopped" };
