/**
 * The privileged half of the ULOG source: a multicast group joined, bytes in.
 *
 * @module
 */

import { WallClock } from "../../../ffi/clock.ts";
import { isMember } from "../../../ffi/netlink_identity.ts";
import { NetlinkSocket } from "../../../ffi/netlink_socket.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import type { Poller } from "../../../ffi/poller.ts";
import { NetlinkError } from "../../errors.ts";
import type { InterfaceTable } from "../../packet/interface.ts";
import type { InterfaceReader } from "../interface_reader.ts";
import {
  adopt,
  adoptError,
  listen,
  type Listening,
  openOrAdopt,
  widen,
} from "../netlink_reader.ts";
import { NOTHING_QUEUED, type Reader } from "../source.ts";
import { NETLINK_NFLOG } from "./constants.ts";
import type { UlogOptions } from "./options.ts";

/** Reads the datagrams of one ULOG group; others may read the same group. */
export class UlogReader implements Reader {
  /** Datagrams that did not come from the kernel and were passed over. */
  foreign = 0;
  /** A group never ends by itself. */
  readonly ended = false;
  /** When the last datagram was received. */
  readonly clock: WallClock = new WallClock();
  /** Whether another process joined the group and handed the socket on. */
  isAdopted = false;
  readonly #options: UlogOptions;
  readonly #socket: NetlinkSocket;
  readonly #links: InterfaceReader;
  readonly #poller: Poller;
  #opened = new AsyncDisposableStack();
  /** Datagrams that the kernel dropped before the socket was handed on. */
  #formerDrops = 0;
  #isLeft = false;

  private constructor(options: UlogOptions, parts: Listening) {
    this.#options = options;
    this.#socket = parts.socket;
    this.#links = parts.links;
    this.#poller = parts.poller;
  }

  /**
   * Joins a group, or goes on with a socket that is in it.
   *
   * @param options Checked options.
   * @param warn Told about what works, but not as asked for.
   * @param handed A socket in that group that another process handed on; it is the reader's own.
   * @throws {NetlinkError} If the kernel refuses; the message says why and what to do.
   */
  static open(
    options: UlogOptions,
    warn: (message: string) => void,
    inherited?: number,
  ): Promise<UlogReader> {
    return openOrAdopt(
      inherited,
      (socket) => UlogReader.#open(options, warn, () => adopt(socket, options.netlinkFamily)),
      () => UlogReader.#open(options, warn),
      warn,
    );
  }

  static async #open(
    options: UlogOptions,
    warn: (message: string) => void,
    adoptIt?: () => NetlinkSocket,
  ): Promise<UlogReader> {
    await using opened = new AsyncDisposableStack();
    const reader = inNetworkNamespace(options.netns, () => {
      const { bufferSize, group } = options;
      const socket = adoptIt?.() ?? openSocket(options);
      const bind = adoptIt === undefined
        ? () => join(socket, group)
        : () => requireMember(socket, group);
      return new UlogReader(options, listen(socket, { bufferSize, bind }, warn, opened));
    });
    reader.#opened = opened.move();
    if (adoptIt !== undefined) reader.#begin();
    return reader;
  }

  /** Goes on with a socket that was handed on. */
  #begin(): void {
    this.isAdopted = true;
    this.#formerDrops = this.#socket.drops;
  }

  /** Receives one datagram, without waiting; its length in bytes, or {@linkcode NOTHING_QUEUED}. */
  receive(buffer: Uint8Array): number {
    while (!this.#isLeft) {
      const length = this.#socket.receive(buffer);
      if (length === NOTHING_QUEUED) return NOTHING_QUEUED;
      if (this.#socket.senderPortId === 0 || this.#options.netlinkFamily !== NETLINK_NFLOG) {
        this.clock.read();
        this.#links.update();
        return Math.min(length, buffer.length);
      }
      this.foreign++;
    }
    return NOTHING_QUEUED;
  }

  /** The names of this network namespace's interfaces. */
  get interfaces(): InterfaceTable {
    return this.#links.table;
  }

  /** Datagrams that the kernel dropped because the receive buffer was full, each with up to 50 packets. */
  get droppedDatagrams(): number {
    return this.#socket.drops - this.#formerDrops;
  }

  /** Waits until there is something to receive, or until {@linkcode wake}. Uses no CPU meanwhile. */
  wait(): Promise<void> {
    return this.#poller.wait();
  }

  /** Ends a wait. */
  wake(): void {
    this.#poller.wake();
  }

  /**
   * Leaves the group; what is queued can still be received. Binding again, to no
   * group, takes no right, unlike `NETLINK_DROP_MEMBERSHIP`.
   */
  stop(): void {
    this.#socket.bind(0, this.#socket.portId);
  }

  /** The socket, to hand it on. */
  get descriptor(): number {
    return this.#socket.descriptor;
  }

  /** Takes nothing more from the kernel, which fills the socket for the next reader. */
  leave(): void {
    this.#isLeft = true;
    widen(this.#socket);
  }

  /** Closes the socket. */
  close(): Promise<void> {
    return this.#opened.disposeAsync();
  }

  /** Closes the socket. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function openSocket({ netlinkFamily, group }: UlogOptions): NetlinkSocket {
  try {
    return NetlinkSocket.open(netlinkFamily);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== "EPROTONOSUPPORT") throw error;
    const rule = "-j NFLOG --nflog-group " + group;
    throw new NetlinkError(
      `Cannot open ULOG group ${group}: this kernel has no ULOG (Linux 3.17 and later); log with ${rule} ` +
        `and read it with type = "nflog". \`nfscribe rules --from "iptables …"\` translates a rule`,
      {
        operation: `open ULOG group ${group}`,
        errno: error.errno,
        code: error.code,
        origin: "syscall",
      },
    );
  }
}

function requireMember(socket: NetlinkSocket, group: number): void {
  if (!isMember(socket, group)) throw adoptError(`it is not in ULOG group ${group}`);
}

function join(socket: NetlinkSocket, group: number): void {
  try {
    socket.bind((1 << (group - 1)) >>> 0);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== "EPERM") throw error;
    throw new NetlinkError(
      `Cannot join ULOG group ${group}: the system denies it; run as root, or with CAP_NET_ADMIN`,
      {
        operation: `join ULOG group ${group}`,
        errno: error.errno,
        code: error.code,
        origin: "syscall",
      },
    );
  }
}
