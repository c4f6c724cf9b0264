/** The privileged half of the NFLOG source: receives datagrams from a bound socket. */

import { ERRNO, errnoName, errnoText } from "../../../ffi/errno.ts";
import { NETLINK_NETFILTER, type NetlinkSocket } from "../../../ffi/netlink_socket.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import { NetlinkError } from "../../errors.ts";
import { readAcknowledgement } from "../../netlink/message.ts";
import { GroupReader } from "../group_reader.ts";
import {
  adopt,
  adoptError,
  listen,
  type Listening,
  openOrAdopt,
  setReceiveBuffer,
} from "../netlink_reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../source.ts";
import type { NflogOptions } from "./options.ts";
import { adjustRequest, bindRequest, probeRequest, unbindRequest } from "./request.ts";
import { bindError, openSocket } from "./socket_reader.ts";

/** Delay of the kernel's timers in milliseconds: up to a tick (CONFIG_HZ is at least 100). */
const TIMER_SLACK_MS = 20;

/** Reads the datagrams of one NFLOG group. */
export class NflogReader extends GroupReader {
  readonly #group: number;
  /** The longest time that the kernel collects packets, in milliseconds. */
  #queueTimeoutMs: number;
  /** Datagrams that the kernel had dropped when the group was unbound; undefined before. */
  #dropsAtEnd: number | undefined;
  /** Datagrams that arrived ahead of the kernel's answer to a request. */
  readonly #early: Uint8Array[] = [];
  #sequence = 0;

  private constructor(parts: Listening, { group, queueTimeoutMs }: NflogOptions) {
    super(parts);
    this.#group = group;
    this.#queueTimeoutMs = queueTimeoutMs;
  }

  /**
   * Binds a group, or adopts a socket that is bound to it.
   *
   * @param options Checked options.
   * @param warn Receives warnings about options that the system limits.
   * @param inherited A bound socket that another process handed over; the reader owns it.
   * @returns The reader; the kernel collects packets for it from now on.
   * @throws {NetlinkError} If the kernel refuses; the message says why and what to do.
   */
  static open(
    options: NflogOptions,
    warn: (message: string) => void,
    inherited?: number,
  ): Promise<NflogReader> {
    return openOrAdopt(
      inherited,
      (socket) => NflogReader.#open(options, warn, () => adopt(socket, NETLINK_NETFILTER)),
      () => NflogReader.#open(options, warn),
      warn,
    );
  }

  static async #open(
    options: NflogOptions,
    warn: (message: string) => void,
    adoptIt?: () => NetlinkSocket,
  ): Promise<NflogReader> {
    await using opened = new AsyncDisposableStack();
    const reader = inNetworkNamespace(options.netns, () => {
      const socket = adoptIt?.() ?? openSocket(options.group);
      const bind = () => adoptIt === undefined && socket.bind();
      const parts = listen(socket, { bufferSize: options.bufferSize, bind }, warn, opened);
      const reader = new NflogReader(parts, options);
      if (adoptIt === undefined) reader.#bind(options);
      else reader.#adjust(options);
      return reader;
    });
    reader.opened = opened.move();
    return reader;
  }

  #bind(options: NflogOptions): void {
    const errno = this.#request(bindRequest(options, ++this.#sequence)) ?? 0;
    if (errno !== 0) throw bindError(this.#group, errno, "reply", this.#mayConfigure());
  }

  /**
   * Applies other options of the same group to the bound socket; no packet is lost meanwhile.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  adjust(options: NflogOptions, warn: (message: string) => void): void {
    setReceiveBuffer(this.socket, options.bufferSize, warn);
    // The kernel's answer finds no room in a full buffer.
    this.#keepQueued();
    const errno = this.#request(adjustRequest(options, ++this.#sequence)) ?? ERRNO.ENOBUFS;
    if (errno !== 0) {
      const operation = `change the options of NFLOG group ${this.#group}`;
      throw new NetlinkError(`Cannot ${operation}: ${errnoText(errno)}`, {
        operation,
        errno,
        code: errnoName(errno),
        origin: "reply",
      });
    }
    this.#queueTimeoutMs = options.queueTimeoutMs;
  }

  /** Applies the options to a socket that was handed over. */
  #adjust(options: NflogOptions): void {
    // The kernel's answer finds no room in a full buffer.
    this.#keepQueued();
    const errno = this.#request(adjustRequest(options, ++this.#sequence));
    if (errno === 0) {
      this.adopted();
      return;
    }
    // If the group is this socket's own, another one can have it then.
    this.socket.send(unbindRequest(this.#group, ++this.#sequence));
    const why = errno === undefined ? "the kernel does not answer" : errnoText(errno);
    throw adoptError(`it does not hold NFLOG group ${this.#group} (${why})`, errno);
  }

  /**
   * Receives one datagram, or several small ones as one, without waiting.
   *
   * @param buffer Destination; {@linkcode DATAGRAM_MAX} bytes hold any datagram.
   * @returns Its length in bytes, or {@linkcode NOTHING_QUEUED}.
   * @throws {NetlinkError} If the socket fails.
   */
  receive(buffer: Uint8Array): number {
    const early = this.#early.shift();
    if (early !== undefined) {
      buffer.set(early);
      return early.length;
    }
    const isOver = this.#dropsAtEnd !== undefined || this.isLeft;
    if (isOver && !this.hasReceived) return NOTHING_QUEUED;
    const length = this.note(this.receiveFromKernel(buffer));
    return length === NOTHING_QUEUED ? length : this.appendWaiting(buffer, length);
  }

  /** Descriptor of the poller, unless there is something to receive that is not in the socket. */
  override get awaitedDescriptor(): number | undefined {
    return this.#early.length > 0 ? undefined : super.awaitedDescriptor;
  }

  /** Datagrams that the kernel dropped because the receive buffer was full, each with many packets. */
  override get droppedDatagrams(): number {
    return this.#dropsAtEnd ?? super.droppedDatagrams;
  }

  /**
   * Unbinds the group: the kernel delivers the packets that it has collected, and none after that.
   * Queued datagrams can still be received.
   *
   * @returns A promise if this process no longer has the right to unbind: the kernel then delivers
   *   the collected packets when the queue timeout expires.
   */
  stop(): void | Promise<void> {
    // The packets that the kernel has collected must find room, however full the buffer was.
    this.#keepQueued();
    const errno = this.#request(unbindRequest(this.#group, ++this.#sequence));
    return errno === ERRNO.EPERM ? this.#lastHandOver() : undefined;
  }

  /** Lets everything come that was collected by now; what comes after that is not taken any more. */
  async #lastHandOver(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#queueTimeoutMs + TIMER_SLACK_MS);
    let isClosed = false;
    this.opened.defer(() => {
      isClosed = true;
      resolve();
    });
    await promise;
    clearTimeout(timer);
    if (isClosed) return;
    this.#keepQueued();
    this.#dropsAtEnd = super.droppedDatagrams;
  }

  /**
   * Sends a request and keeps the packets that arrive before its answer.
   *
   * @returns The answer's error number, 0 if the kernel acknowledged; undefined if the answer found
   *   no room.
   */
  #request(request: Uint8Array<ArrayBuffer>): number | undefined {
    this.socket.send(request);
    return this.#keepQueued(this.#sequence);
  }

  /** Probes other groups: EPERM for all of them is about the process, not about a group. */
  #mayConfigure(): boolean {
    return [1, 2, 3].some((step) =>
      this.#request(probeRequest((this.#group + step) & 0xffff, ++this.#sequence)) !== ERRNO.EPERM
    );
  }

  /**
   * Empties the socket's queue and keeps the datagrams for {@linkcode receive}.
   *
   * @param sequence The request whose answer ends it; the kernel answers within send(), so an empty
   *   queue has no answer in it.
   * @returns The answer's error number, if there was one.
   */
  #keepQueued(sequence?: number): number | undefined {
    const buffer = new Uint8Array(DATAGRAM_MAX);
    this.clock.read();
    for (;;) {
      const length = this.receiveFromKernel(buffer);
      if (length === NOTHING_QUEUED) {
        this.track(length);
        return undefined;
      }
      const datagram = buffer.slice(0, length);
      const errno = sequence === undefined ? undefined : readAcknowledgement(datagram, sequence);
      if (errno !== undefined) return errno;
      this.track(length);
      this.#early.push(datagram);
    }
  }
}
