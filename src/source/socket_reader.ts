/** Readers of netlink sockets. */

import { WallClock } from "../../ffi/clock.ts";
import type { NetlinkSocket } from "../../ffi/netlink_socket.ts";
import type { Poller } from "../../ffi/poller.ts";
import type { InterfaceTable } from "../packet/interface.ts";
import { receiveBufferOf, widen } from "./netlink_reader.ts";
import type { Reader } from "./source.ts";

/** Reads a netlink socket; receiving, and how it is stopped, are the subclass's. */
export abstract class SocketReader implements Reader {
  /** Datagrams that did not come from the kernel and were passed over. */
  foreign = 0;
  /** A socket never ends by itself. */
  readonly ended = false;
  /** Time of the last datagram. */
  readonly clock: WallClock = new WallClock();
  /** Whether another process opened the socket and handed it over. */
  isAdopted = false;
  /** The socket. */
  protected readonly socket: NetlinkSocket;
  /** Size of the receive buffer. */
  readonly bufferBytes: number;
  /** Whether the socket is left to another process. */
  protected isLeft = false;
  /** Everything that is open, closed from the last to the first. */
  protected opened = new AsyncDisposableStack();
  /** Waits for the socket. */
  protected readonly poller: Poller;
  /** Datagrams that the kernel dropped before the socket was handed over. */
  protected formerDrops = 0;

  /** Takes what is open already. */
  constructor({ socket, poller }: { socket: NetlinkSocket; poller: Poller }) {
    this.socket = socket;
    this.poller = poller;
    this.bufferBytes = receiveBufferOf(socket);
  }

  /** Receives one datagram, without waiting; its length in bytes, or `NOTHING_QUEUED`. */
  abstract receive(buffer: Uint8Array): number;
  /** Stops the input; datagrams that are queued can still be received. */
  abstract stop(): void | Promise<void>;
  /** The interfaces that records refer to by index. */
  abstract readonly interfaces: InterfaceTable;

  /** Datagrams that the kernel dropped because the receive buffer was full. */
  get droppedDatagrams(): number {
    return this.socket.drops - this.formerDrops;
  }

  /** Waits until there is something to receive, or until {@linkcode wake}. Uses no CPU meanwhile. */
  wait(): Promise<void> {
    return this.poller.wait();
  }

  /** Ends a wait. */
  wake(): void {
    this.poller.wake();
  }

  /** The socket, to hand it over. */
  get descriptor(): number {
    return this.socket.descriptor;
  }

  /** Takes nothing more from the kernel, which goes on to fill the socket for the next reader. */
  leave(): void {
    this.isLeft = true;
    widen(this.socket);
  }

  /** Receives again: no other process has taken the socket. */
  resume(): void {
    this.isLeft = false;
  }

  /** Closes the socket; the kernel drops what was queued. */
  close(): Promise<void> {
    return this.opened.disposeAsync();
  }

  /** Closes the socket. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Goes on with a socket that was handed over. */
  protected adopted(): void {
    this.isAdopted = true;
    this.formerDrops = this.socket.drops;
  }
}
