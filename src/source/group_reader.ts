/** Readers of netlink groups. */

import { WallClock } from "../../ffi/clock.ts";
import type { NetlinkSocket } from "../../ffi/netlink_socket.ts";
import { wordAlign } from "../bytes/write.ts";
import type { InterfaceTable } from "../packet/interface.ts";
import { type Listening, widen } from "./netlink_reader.ts";
import { QueuedDatagrams } from "../../ffi/queued_datagrams.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED, type Reader } from "./source.ts";

/** Length up to which small datagrams are joined, in bytes. */
const JOINED_MAX = 65_536;

/** Reads the datagrams of a netlink group; how it is bound and left is the subclass's. */
export abstract class GroupReader implements Reader {
  /** Datagrams that did not come from the kernel and were passed over. */
  foreign = 0;
  /** A group never ends by itself. */
  readonly ended = false;
  /** Time of the last datagram. */
  readonly clock: WallClock = new WallClock();
  /** Whether another process bound the group and handed the socket over. */
  isAdopted = false;
  /** The group's socket. */
  protected readonly socket: NetlinkSocket;
  /** Whether the socket is left to another process. */
  protected isLeft = false;
  /** Everything that is open, closed from the last to the first. */
  protected opened = new AsyncDisposableStack();
  readonly #links: Listening["links"];
  readonly #poller: Listening["poller"];
  readonly #isForeign: (portId: number) => boolean;
  readonly #datagrams: QueuedDatagrams;
  /** Datagrams that the kernel dropped before the socket was handed over. */
  #formerDrops = 0;
  /** Datagrams that the kernel had dropped when the queue was last empty. */
  #dropsWhenEmpty = 0;
  /** Of the dropped datagrams, those that came before one that was received. */
  #countedDrops = 0;
  /** The uncounted datagrams when it was closed; undefined before. */
  #uncountedAtEnd: number | undefined;
  /** Whether a datagram was received since the queue was empty. */
  #hasArrived = false;

  /**
   * Takes what is open already.
   *
   * @param parts The socket, interface names and the poller of both.
   * @param isForeign Whether a sender is not the kernel: any process may send to a netlink socket.
   */
  constructor(
    { socket, links, poller }: Listening,
    isForeign: (portId: number) => boolean = (portId) => portId !== 0,
  ) {
    this.socket = socket;
    this.#links = links;
    this.#poller = poller;
    this.#isForeign = isForeign;
    this.#datagrams = new QueuedDatagrams(socket, DATAGRAM_MAX);
  }

  /** Receives one datagram, without waiting; its length in bytes, or {@linkcode NOTHING_QUEUED}. */
  abstract receive(buffer: Uint8Array): number;
  /** Gives the group back; datagrams that are queued can still be received. */
  abstract stop(): void | Promise<void>;

  /** The names of this network namespace's interfaces, as of the datagram received last. */
  get interfaces(): InterfaceTable {
    return this.#links.table;
  }

  /** Datagrams that the kernel dropped because the receive buffer was full, each with many packets. */
  get droppedDatagrams(): number {
    return this.socket.drops - this.#formerDrops;
  }

  /**
   * Of these, those whose packets no sequence number may have counted: they were dropped after the
   * last datagram that was received, or shortly before.
   */
  get uncountedDatagrams(): number {
    if (this.isLeft) return 0;
    return this.#uncountedAtEnd ?? this.countUncounted(this.#countedDrops - this.#formerDrops);
  }

  /** Returns the uncounted datagrams, of which sequence numbers have counted so many. */
  protected countUncounted(counted: number): number {
    return this.droppedDatagrams - counted;
  }

  /** Waits until there is something to receive, or until {@linkcode wake}. Uses no CPU meanwhile. */
  wait(): Promise<void> {
    return this.#poller.wait();
  }

  /** Ends a wait. */
  wake(): void {
    this.#poller.wake();
  }

  /** The socket, to hand it over. */
  get descriptor(): number {
    return this.socket.descriptor;
  }

  /** Takes nothing more from the kernel, which keeps the group bound and fills the socket for the next reader. */
  leave(): void {
    this.isLeft = true;
    widen(this.socket);
  }

  /** Receives again: no other process has taken the socket. */
  resume(): void {
    this.isLeft = false;
  }

  /** Closes the socket; the kernel gives the group back and drops what was queued. */
  close(): Promise<void> {
    // The socket cannot be asked any more.
    this.#uncountedAtEnd ??= this.uncountedDatagrams;
    return this.opened.disposeAsync();
  }

  /** Closes the socket. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Goes on with a socket that was handed over. */
  protected adopted(): void {
    this.isAdopted = true;
    this.#formerDrops = this.#dropsWhenEmpty = this.#countedDrops = this.socket.drops;
  }

  /** Whether datagrams were received that {@linkcode receiveFromKernel} has not returned. */
  protected get hasReceived(): boolean {
    return this.#datagrams.waiting > 0;
  }

  /**
   * Appends datagrams that were received together with the last one and are as small: they hold
   * whole messages, and cost less as one datagram.
   *
   * @param length Length of the last one, which is at the buffer's start.
   * @returns Length of all of them.
   */
  protected appendWaiting(buffer: Uint8Array, length: number): number {
    const datagrams = this.#datagrams;
    for (let end = length;;) {
      const at = wordAlign(end);
      const next = datagrams.waitingLength;
      if (next === 0 || at + next > Math.min(JOINED_MAX, buffer.length)) return end;
      datagrams.receive(buffer, at);
      if (this.#isForeign(datagrams.senderPortId)) this.foreign++;
      else end = at + next;
    }
  }

  /** Receives the next datagram that the kernel sent. */
  protected receiveFromKernel(buffer: Uint8Array): number {
    const datagrams = this.#datagrams;
    for (;;) {
      const length = datagrams.receive(buffer);
      if (length === NOTHING_QUEUED || !this.#isForeign(datagrams.senderPortId)) {
        return Math.min(length, buffer.length);
      }
      this.foreign++;
    }
  }

  /**
   * Notes that a datagram with packets was received, or that none is queued. A datagram comes after
   * all that were dropped before the queue was last empty, and its numbers count their packets.
   */
  protected track(length: number): void {
    if (length !== NOTHING_QUEUED) {
      this.#hasArrived = true;
      this.#countedDrops = this.#dropsWhenEmpty;
    } else if (this.#hasArrived) {
      this.#hasArrived = false;
      this.#dropsWhenEmpty = this.socket.drops;
    }
  }

  /** Notes the time of datagrams, and the names that were queued ahead of them. */
  protected note(length: number): number {
    this.track(length);
    if (!this.#datagrams.isFresh) return length;
    if (length !== NOTHING_QUEUED) this.clock.read();
    this.#links.update();
    return length;
  }
}
