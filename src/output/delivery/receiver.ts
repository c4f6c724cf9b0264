/** Interface of what the sender sends rows to. */

import type { Batch } from "../../buffer/segment_batch.ts";
import type { Counters } from "../../record/counters.ts";
import type { OutputLog } from "../output.ts";
import type { Refused } from "./bisect.ts";
import type { Following } from "./following.ts";
import type { DeliverySetup } from "./messages.ts";
import type { Problem } from "./problem.ts";

/** Position of a session that the receiver does not know. */
export const NOTHING = -1;
/** Result of {@linkcode Receiver.load} if the receiver has part of the batch already. */
export const KNOWN = "known";

/** Outcome of a batch that was loaded, in records. */
export interface Loaded {
  /** Those that the receiver refuses. */
  refused: number;
  /** Those of chunks that it had already; absent for none. */
  repeated?: number;
  /** Those of chunks that are not whole, which come again; absent for none. */
  discarded?: number;
}

/** A database. Each connection goes from {@linkcode connect} to {@linkcode close}. */
export interface Receiver {
  /** Its address in messages. */
  readonly where: string;
  /** Most bytes of a batch, which is kept in memory; a whole segment if it is absent. */
  readonly batchBytes?: number;
  /**
   * Whether the first connection may fail for whatever reason, and is tried again: rows wait in the
   * spool. Absent where only one that is away is tried again.
   */
  readonly waitsAtStart?: boolean;
  /**
   * Connects, and creates the table or brings it up to date.
   *
   * @throws The error of the receiver or the network.
   */
  connect(): Promise<void>;
  /**
   * Performs maintenance that is due, between two batches.
   *
   * @throws The network's error, if the connection is lost.
   */
  maintain(): Promise<void>;
  /** Returns the recorded position in a session's spool; {@linkcode NOTHING} if there is none. */
  position(session: string): Promise<number>;
  /**
   * Loads a batch and records the position behind it, in one transaction. Refused rows are
   * quarantined.
   *
   * @param batch The rows.
   * @param since Result of {@linkcode position}, or the end of the previous batch.
   * @param following Batches behind it, which may be loaded in the same transaction.
   * @returns What became of its rows; {@linkcode KNOWN} if the recorded position is no longer
   *   `since`: an earlier try was committed, and its answer was lost.
   * @throws The error of the receiver or the network, if nothing was loaded.
   */
  load(batch: Batch, since: number, following: Following): Promise<Loaded | typeof KNOWN>;
  /** Takes the counters of the process, and the output's name there; absent where they are not sent. */
  report?(counters: Counters, output: string): void;
  /** Performs maintenance at the end. */
  finish(): Promise<void>;
  /** Gives up a connection that makes no progress: what waits for it is rejected. */
  abort(): void;
  /** Closes the connection, whatever its state. */
  close(): Promise<void>;
  /** Explains an error; `doing` is the operation, such as `write rows`. */
  explain(error: unknown, doing: string): Problem;
}

/** Context of a receiver. */
export interface ReceiverContext {
  setup: DeliverySetup;
  log: OutputLog;
  /** Called whenever the receiver has accepted data. */
  onProgress: () => void;
  /** Stores refused rows before the rest of their batch is committed. */
  quarantine: (batch: Batch, refused: readonly Refused[]) => Promise<void>;
}

/** Makes a receiver; connects to nothing. */
export type MakeReceiver<Target> = (target: Target, context: ReceiverContext) => Receiver;
