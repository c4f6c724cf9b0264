/** Messages between the privileged thread and the sender. */

import type { Segment } from "../../buffer/segment_format.ts";
import type { Counters } from "../../record/counters.ts";
import type { TableNames } from "../table/record_table.ts";

/** Setup of the sender, whatever the receiver. */
export interface DeliverySetup {
  /** Names of the tables from the configuration; that of packets names the spools. */
  tables: TableNames;
  /** The spool's folder. */
  folder: string;
  /** This session: a UUID. */
  session: string;
  /** The host recorded for the session. */
  host: string;
  /** Time for which rows are collected, in milliseconds. */
  flushMs: number;
  /** Number of rows to send at once. */
  flushRows: number;
  /** Whether the spool is synced to disk every second. */
  sync: boolean;
  /** Segments that earlier sessions left. */
  found: Segment[];
  /** Shared memory of the numbers. */
  numbers: SharedArrayBuffer;
}

/** Messages to the sender. */
export type ToSender<Target> =
  | { kind: "start"; setup: DeliverySetup; target: Target }
  /** A segment was begun. */
  | { kind: "segment"; segment: Segment }
  /** Counters of the process, and the output's name there. */
  | { kind: "report"; counters: Counters; output: string }
  /**
   * The last rows were spooled: send the rest while the receiver accepts it, and only for a limited
   * time if it is urgent.
   */
  | { kind: "stop"; urgent: boolean };

/** Messages from the sender. */
export type FromSender =
  /** The first connection succeeded, or the receiver is away. */
  | { kind: "ready" }
  /** The first connection, or the table, is unusable: an administrator must act. */
  | { kind: "denied"; message: string }
  /** Rows are not sent, and why; without a text they are again. */
  | { kind: "problem"; message: string | undefined }
  /** A message for the log. */
  | { kind: "log"; level: "info" | "warn"; message: string; fields: Record<string, unknown> }
  /** Everything was sent, or is left in the spool. */
  | { kind: "stopped" };
