/**
 * The privileged half of the NFLOG source: a bound socket, bytes in.
 *
 * @module
 */

import { WallClock } from "../../../ffi/clock.ts";
import { ERRNO, errnoName, errnoText } from "../../../ffi/errno.ts";
import { NETLINK_NETFILTER, NetlinkSocket } from "../../../ffi/netlink_socket.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import type { Poller } from "../../../ffi/poller.ts";
import { readProcFile } from "../../../ffi/proc_file.ts";
import { NetlinkError } from "../../errors.ts";
import { readAcknowledgement } from "../../netlink/message.ts";
import type { InterfaceTable } from "../../packet/interface.ts";
import type { InterfaceReader } from "../interface_reader.ts";
import { listen, type Listening } from "../netlink_reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED, type Reader } from "../source.ts";
import { bindErrorMessage } from "./bind_error.ts";
import type { NflogOptions } from "./options.ts";
import { bindRequest, probeRequest, unbindRequest } from "./request.ts";

/** Reads the datagrams of one NFLOG group. */
export class NflogReader implements Reader {
  /** Datagrams that did not come from the kernel and were passed over. */
  foreign = 0;
  /** A group never ends by itself. */
  readonly ended = false;
  /** When the last datagram was received. */
  readonly clock: WallClock = new WallClock();
  readonly #socket: NetlinkSocket;
  readonly #links: InterfaceReader;
  readonly #poller: Poller;
  readonly #group: number;
  /** What is open, closed from the last to the first. */
  #opened = new AsyncDisposableStack();
  /** Datagrams that arrived ahead of the kernel's answer to a request. */
  readonly #early: Uint8Array[] = [];
  #sequence = 0;

  private constructor(parts: Listening, group: number) {
    this.#socket = parts.socket;
    this.#links = parts.links;
    this.#poller = parts.poller;
    this.#group = group;
  }

  /**
   * Binds a group.
   *
   * @param options Checked options.
   * @param warn Told about what works, but not as asked for.
   * @returns The reader; packets are collected for it from now on.
   * @throws {NetlinkError} If the kernel refuses; the message says why and what to do.
   */
  static async open(
    options: NflogOptions,
    warn: (message: string) => void,
  ): Promise<NflogReader> {
    await using opened = new AsyncDisposableStack();
    const reader = inNetworkNamespace(
      options.netns,
      () => NflogReader.#openHere(options, warn, opened),
    );
    reader.#opened = opened.move();
    return reader;
  }

  /** The same in this thread's network namespace. */
  static #openHere(
    options: NflogOptions,
    warn: (message: string) => void,
    opened: AsyncDisposableStack,
  ): NflogReader {
    const { group, bufferSize } = options;
    const socket = openSocket(group);
    const parts = listen(socket, { bufferSize, bind: () => socket.bind() }, warn, opened);
    const reader = new NflogReader(parts, group);
    const errno = reader.#request(bindRequest(options, ++reader.#sequence));
    if (errno !== 0) throw bindError(group, errno, "reply", reader.#mayConfigure());
    return reader;
  }

  /**
   * Receives one datagram, without waiting.
   *
   * @param buffer Where it goes; {@linkcode DATAGRAM_MAX} bytes hold any.
   * @returns Its length in bytes, or {@linkcode NOTHING_QUEUED}.
   * @throws {NetlinkError} If the socket fails.
   */
  receive(buffer: Uint8Array): number {
    const early = this.#early.shift();
    if (early !== undefined) {
      buffer.set(early);
      return early.length;
    }
    const length = this.#receiveFromKernel(buffer);
    if (length !== NOTHING_QUEUED) this.clock.read();
    // A new name was queued ahead of the packets that bear it.
    this.#links.update();
    return length;
  }

  /** The names of this network namespace's interfaces, as of the datagram received last. */
  get interfaces(): InterfaceTable {
    return this.#links.table;
  }

  /** Datagrams that the kernel dropped because the receive buffer was full, each with many packets. */
  get droppedDatagrams(): number {
    return this.#socket.drops;
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
   * Gives the group back: the kernel hands over what it has collected, and
   * nothing comes after that. What is queued can still be received.
   */
  stop(): void {
    // What the kernel has collected must find room, however full its buffer was.
    this.#keepQueued();
    this.#request(unbindRequest(this.#group, ++this.#sequence));
  }

  /** Closes the socket; the kernel gives the group back and drops what was queued. */
  close(): Promise<void> {
    return this.#opened.disposeAsync();
  }

  /** Closes the socket. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Receives the next datagram that the kernel sent: any process may send to a netlink socket. */
  #receiveFromKernel(buffer: Uint8Array): number {
    for (;;) {
      const length = this.#socket.receive(buffer);
      if (length === NOTHING_QUEUED || this.#socket.senderPortId === 0) {
        return Math.min(length, buffer.length);
      }
      this.foreign++;
    }
  }

  /**
   * Sends a request and keeps the packets that arrive before its answer.
   *
   * @returns The answer's error number, 0 where the kernel acknowledged.
   */
  #request(request: Uint8Array<ArrayBuffer>): number {
    this.#socket.send(request);
    return this.#keepQueued(this.#sequence) ?? 0;
  }

  /** Asks about other groups: EPERM for all of them is about the sender, not about a group. */
  #mayConfigure(): boolean {
    return [1, 2, 3].some((step) =>
      this.#request(probeRequest((this.#group + step) & 0xffff, ++this.#sequence)) !== ERRNO.EPERM
    );
  }

  /**
   * Empties the socket: packets are kept for {@linkcode receive}.
   *
   * @param sequence The request whose answer ends it; the kernel answers within
   * send(), so an empty queue has no answer in it.
   * @returns The answer's error number, if there was one.
   */
  #keepQueued(sequence?: number): number | undefined {
    const buffer = new Uint8Array(DATAGRAM_MAX);
    this.clock.read();
    for (;;) {
      const length = this.#receiveFromKernel(buffer);
      if (length === NOTHING_QUEUED) return undefined;
      const datagram = buffer.slice(0, length);
      const errno = sequence === undefined ? undefined : readAcknowledgement(datagram, sequence);
      if (errno !== undefined) return errno;
      this.#early.push(datagram);
    }
  }
}

function openSocket(group: number): NetlinkSocket {
  try {
    return NetlinkSocket.open(NETLINK_NETFILTER);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== "EPROTONOSUPPORT") throw error;
    throw bindError(group, error.errno, "syscall", false);
  }
}

function bindError(
  group: number,
  errno: number,
  origin: "syscall" | "reply",
  mayConfigure: boolean,
): NetlinkError {
  const code = errnoName(errno);
  const message = bindErrorMessage(group, {
    code,
    text: errnoText(errno),
    mayConfigure,
    pid: Deno.pid,
    holders: readProcFile("/proc/thread-self/net/netfilter/nfnetlink_log"),
    status: readProcFile("/proc/self/status"),
    commandOf: (pid) => readProcFile(`/proc/${pid}/comm`)?.trim(),
  });
  return new NetlinkError(message, { operation: `bind NFLOG group ${group}`, errno, code, origin });
}
