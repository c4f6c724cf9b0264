/**
 * Sources: a reader, privileged, that moves bytes in. The decoder that makes records of
 * them is in `src/record/decoder.ts`.
 *
 * @module
 */

import type { InterfaceTable } from "../packet/interface.ts";

/** What {@linkcode Reader.receive} returns where nothing is queued. */
export const NOTHING_QUEUED = -1;

/**
 * Bytes that hold any datagram. `NFULA_CFG_NLBUFSIZ` is at most 128 KiB, and the
 * kernel fills all of what its allocator hands out for that: the next power of
 * two.
 */
export const DATAGRAM_MAX = 262144;

/** What is counted at a source. */
export interface SourceStats {
  /** Packets that arrived, damaged ones included. */
  received: number;
  /** Packets that the firewall logged and the kernel could not hand over. */
  lost: number;
  /** Packets that arrived damaged and were passed over. */
  malformed: number;
  /** Datagrams that did not come from the kernel and were passed over. */
  foreign: number;
}

/** A moment since the Unix epoch. */
export interface Moment {
  /** Whole seconds. */
  readonly seconds: number;
  /** Nanoseconds past them. */
  readonly nanoseconds: number;
}

/** The privileged half of a source: bytes in. */
export interface Reader extends AsyncDisposable {
  /** Datagrams that did not come from where they should, and were passed over. */
  readonly foreign: number;
  /** Datagrams that the kernel dropped because the receive buffer was full. */
  readonly droppedDatagrams: number;
  /** When the last datagram was received. */
  readonly clock: Moment;
  /** The interfaces that packets name by index. */
  readonly interfaces: InterfaceTable;
  /** Receives one datagram, without waiting; its length in bytes, or {@linkcode NOTHING_QUEUED}. */
  receive(buffer: Uint8Array): number;
  /** Whether nothing more will ever come, as at the end of a file. */
  readonly ended: boolean;
  /** Waits until there is something to receive, or until {@linkcode wake}. */
  wait(): Promise<void>;
  /** Ends a wait. */
  wake(): void;
  /**
   * Lets nothing more come in; what is queued can still be received.
   *
   * @returns A promise where that takes waiting: until then more may come, and must be received.
   */
  stop(): void | Promise<void>;
  /** Closes what the reader holds. */
  close(): Promise<void>;
  /** Its socket, to hand it on to another process; absent where there is none that could be. */
  readonly descriptor?: number;
  /** Bytes of files that were read so far, packed ones as they are; absent where nothing is counted. */
  readonly bytesRead?: number | undefined;
  /** Whether it goes on with a socket that another process handed on, and so with its numbers. */
  readonly isAdopted?: boolean;
  /**
   * Takes nothing more from the socket, and leaves it as it is for the process that
   * is handed it: what is queued, and what comes.
   */
  leave?(): void;
}
