/** Options of an output in the daemon. */

import type { DiskQueue } from "../../buffer/disk_queue.ts";
import type { OutputLog, Writer } from "../../output/output.ts";

/** Options of a buffered output. */
export interface BufferedOutputOptions {
  /** The output's name. */
  name: string;
  writer: Writer;
  /** Reopens a pipe after its reader left; undefined if it cannot be reopened. */
  reopen?: (() => Promise<Writer>) | undefined;
  /** Whether every batch is written at once. */
  sync: boolean;
  /** Whether sources wait while the queue is full. */
  blocks: boolean;
  /** Size of the queue in memory, in bytes. */
  queueSize: number;
  /** Queue on disk for what does not fit into memory. */
  spool?: DiskQueue | undefined;
  /** Folder for records that the receiver refuses for good. */
  quarantine?: string | undefined;
  /** Receives messages about failures and recoveries. */
  log: OutputLog;
}
