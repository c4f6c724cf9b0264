/**
 * Interface of a source's privileged half, the reader, which receives bytes. The decoder that makes
 * records of them is in `src/record/decoder.ts`.
 */

import type { InterfaceTable } from "../packet/interface.ts";
import type { HostStats, SourceStats } from "../record/counters.ts";
import type { Loss } from "../record/loss.ts";
import type { Origin } from "../record/origin.ts";

/** Result of {@linkcode Reader.receive} if no datagram is queued. */
export const NOTHING_QUEUED = -1;

/**
 * Size of a buffer that holds any datagram, in bytes. `NFULA_CFG_NLBUFSIZ` is at most 128 KiB, and
 * the kernel uses all of what its allocator returns for that: the next power of two.
 */
export const DATAGRAM_MAX = 262144;

export type { SourceStats };

export interface Moment {
  /** Whole seconds. */
  readonly seconds: number;
  /** Nanoseconds past them. */
  readonly nanoseconds: number;
}

/** Loss of records at a source of another host, or on the way from there. */
export type SenderLoss = Required<Pick<Loss, "host" | "session" | "source" | "packets">>;

/** The privileged half of a source. */
export interface Reader extends AsyncDisposable {
  /** Datagrams from a foreign sender, which were skipped. */
  readonly foreign: number;
  /** Name of another process that reads in its place, for which it stands by; absent for none. */
  readonly standsBy?: string | undefined;
  /** Problem that an administrator must solve, and without which it goes on; absent for none. */
  readonly problem?: string | undefined;
  /** Whether nothing can arrive just now, so that silence tells nothing of hosts; absent if it can. */
  readonly isAway?: boolean;
  /** Bytes that the kernel keeps for it until they are received; absent if the kernel keeps none. */
  readonly bufferBytes?: number;
  /** Datagrams that the kernel dropped because the receive buffer was full. */
  readonly droppedDatagrams: number;
  /**
   * Those of them whose packets no sequence number may have counted, since none came after them;
   * absent for none.
   */
  readonly uncountedDatagrams?: number;
  /**
   * Records that the kernel dropped, where it counts each one, from the time on at which the socket
   * was opened, by whichever process; absent where records have numbers.
   */
  readonly lostRecords?: number | undefined;
  /** Whether its decoder keeps state, so that one sandbox must get all of its datagrams. */
  readonly isStateful?: boolean;
  /** Called when a decoder begins that knows nothing of what was received before. */
  begin?(): void;
  /** Time of receipt of the last datagram. */
  readonly clock: Moment;
  /** The interfaces that packets refer to by index. */
  readonly interfaces: InterfaceTable;
  /**
   * Receives one datagram, without waiting; returns its length in bytes, or {@linkcode
   * NOTHING_QUEUED}.
   */
  receive(buffer: Uint8Array): number;
  /**
   * Origin of the last datagram that {@linkcode receive} returned; undefined where no sender keeps it.
   */
  readonly origin?: Origin | undefined;
  /** Loss that the sender of the last datagram tells of, in front of its records. */
  readonly senderLoss?: SenderLoss | undefined;
  /**
   * Called for each datagram with an origin, in the order of reception, once every output has its
   * records in a file, at its receiver or in its segment log, or has decided to drop them.
   */
  acknowledge?(origin: Origin): void;
  /** Whether no more datagrams will come, as at the end of a file. */
  readonly ended: boolean;
  /**
   * Whether its input arrives through this thread's event loop, as from a pipe or a decompressor: a
   * thread that blocks holds it up.
   */
  readonly needsEventLoop?: boolean;
  /**
   * Descriptor that is readable once {@linkcode receive} may return a datagram; absent if it may do
   * so already, or if no descriptor tells.
   */
  readonly awaitedDescriptor?: number | undefined;
  /** Waits until there is something to receive, or until {@linkcode wake}. */
  wait(): Promise<void>;
  /** Ends a {@linkcode wait}. */
  wake(): void;
  /**
   * Stops the input; queued datagrams can still be received.
   *
   * @returns A promise if stopping takes time: until then more may come, and must be received.
   */
  stop(): void | Promise<void>;
  /** Closes the reader's resources. */
  close(): Promise<void>;
  /** Returns the hosts that send to it, by name; absent where this host logs the records. */
  hosts?(): ReadonlyMap<string, HostStats>;
  /** Descriptor of its socket, to hand it over to another process; absent if it has none. */
  readonly descriptor?: number;
  /** Bytes of files read so far, before decompression; absent if they are not counted. */
  readonly bytesRead?: number | undefined;
  /**
   * Whether it adopted a socket that another process handed over, and so continues its sequence
   * numbers.
   */
  readonly isAdopted?: boolean;
  /**
   * Stops reading and leaves the socket as it is for the process that inherits it: queued datagrams
   * and those that still come.
   */
  leave?(): void;
  /** Reads again after {@linkcode leave}: no other process has inherited the socket. */
  resume?(): void;
}
