/** Readers of netlink groups whose datagrams hold packets. */

import { wordAlign } from "../bytes/write.ts";
import { QueuedDatagrams } from "../../ffi/queued_datagrams.ts";
import type { InterfaceTable } from "../packet/interface.ts";
import type { Listening } from "./netlink_reader.ts";
import { SocketReader } from "./socket_reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "./source.ts";

/** Length up to which small datagrams are joined, in bytes. */
const JOINED_MAX = 65_536;

/** Reads the datagrams of a netlink group; how it is bound and left is the subclass's. */
export abstract class GroupReader extends SocketReader {
  readonly #links: Listening["links"];
  readonly #isForeign: (portId: number) => boolean;
  readonly #datagrams: QueuedDatagrams;
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
    super({ socket, poller });
    this.#links = links;
    this.#isForeign = isForeign;
    this.#datagrams = new QueuedDatagrams(socket, DATAGRAM_MAX);
  }

  /** The names of this network namespace's interfaces, as of the datagram received last. */
  get interfaces(): InterfaceTable {
    return this.#links.table;
  }

  /**
   * Descriptor of the poller once the queue was found empty; until then it must be looked at, also to
   * tell which datagrams were dropped before those that come.
   */
  get awaitedDescriptor(): number | undefined {
    return this.#hasArrived ? undefined : this.poller.descriptor;
  }

  /**
   * Of the dropped datagrams, those whose packets no sequence number may have counted: they were
   * dropped after the last datagram that was received, or shortly before.
   */
  get uncountedDatagrams(): number {
    if (this.isLeft) return 0;
    return this.#uncountedAtEnd ?? this.countUncounted(this.#countedDrops - this.formerDrops);
  }

  /** Returns the uncounted datagrams, of which sequence numbers have counted so many. */
  protected countUncounted(counted: number): number {
    return this.droppedDatagrams - counted;
  }

  /** Closes the socket; the kernel gives the group back and drops what was queued. */
  override close(): Promise<void> {
    // The socket cannot be asked any more.
    this.#uncountedAtEnd ??= this.uncountedDatagrams;
    return super.close();
  }

  /** Goes on with a socket that was handed over. */
  protected override adopted(): void {
    super.adopted();
    this.#dropsWhenEmpty = this.#countedDrops = this.formerDrops;
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
    const isEmptied = length === NOTHING_QUEUED && this.#hasArrived;
    this.track(length);
    // Names were taken ahead of the datagrams that came.
    if (!this.#datagrams.isFresh || isEmptied) return length;
    if (length !== NOTHING_QUEUED) this.clock.read();
    this.#links.update();
    return length;
  }
}
