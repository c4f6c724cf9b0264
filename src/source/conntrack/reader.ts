/** The privileged half of the conntrack source: receives events from multicast groups. */

import { ERRNO } from "../../../ffi/errno.ts";
import { loadBatchSymbols, MessageBatch } from "../../../ffi/message_batch.ts";
import { isMember } from "../../../ffi/netlink_identity.ts";
import { NETLINK_NETFILTER, NetlinkSocket } from "../../../ffi/netlink_socket.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import { Poller } from "../../../ffi/poller.ts";
import { attachFilter, detachFilter } from "../../../ffi/socket_filter.ts";
import { wordAlign } from "../../bytes/write.ts";
import { messageOf, NetlinkError } from "../../errors.ts";
import { parseExpression } from "../../filter/expression/parser.ts";
import { NFNLGRP_CONNTRACK_DESTROY } from "../../netlink/conntrack/constants.ts";
import { NLMSG_ERROR, NLMSG_HDRLEN } from "../../netlink/message.ts";
import { InterfaceTable } from "../../packet/interface.ts";
import { adopt, adoptError, listenTo, openOrAdopt, setReceiveBuffer } from "../netlink_reader.ts";
import { SocketReader } from "../socket_reader.ts";
import { NOTHING_QUEUED } from "../source.ts";
import { kernelFilter } from "./kernel_filter.ts";
import type { ConntrackOptions } from "./options.ts";
import { askConntrack, conntrackError, valueOf } from "./probe_reader.ts";
import { dumpRequest, groupsOf } from "./request.ts";
import { commandOf, settingsOff } from "./settings.ts";

/** Datagrams of one system call. */
const CAPACITY = 64;
/** Size of the largest datagram, in bytes: `NLMSG_GOODSIZE` is at most 32 KiB in a dump. */
const EVENT_MAX = 32 * 1024;

/** Interval between looks at whether events were lost, in milliseconds. */
const LOSS_CHECK_MS = 1000;

/** Flows do not refer to interfaces. */
const NO_INTERFACES = new InterfaceTable();

/**
 * Reads the events of a network namespace. The kernel sends each in a datagram of its own; many of
 * them are handed on at a time, one after the other.
 */
export class ConntrackReader extends SocketReader {
  /** Flows do not refer to interfaces. */
  readonly interfaces = NO_INTERFACES;
  readonly #batch = new MessageBatch(CAPACITY, EVENT_MAX);
  /** Datagrams of the batch, and those of them that were taken. */
  #count = 0;
  #taken = 0;

  readonly #warn: (message: string) => void;
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #knowsFlows = false;
  /** Whether flows that go on have several records. */
  #repeats = false;
  #countedDrops = 0;
  /** Number of the last dump; one process after another must not repeat it soon. */
  #sequence = Math.floor(Date.now() / 1000) >>> 0;

  private constructor(
    parts: { socket: NetlinkSocket; poller: Poller },
    warn: (message: string) => void,
  ) {
    super(parts);
    this.#warn = warn;
  }

  /**
   * Joins the groups of events, or adopts a socket that has joined them.
   *
   * @param options Checked options.
   * @param warn Receives warnings about what the system limits, or has switched off.
   * @param inherited A socket that another process handed over; the reader owns it.
   * @throws {NetlinkError} If the kernel refuses; the message says why and what to do.
   */
  static open(
    options: ConntrackOptions,
    warn: (message: string) => void,
    inherited?: number,
  ): Promise<ConntrackReader> {
    return openOrAdopt(
      inherited,
      (socket) => ConntrackReader.#open(options, warn, () => adopt(socket, NETLINK_NETFILTER)),
      () => ConntrackReader.#open(options, warn),
      warn,
    );
  }

  static async #open(
    options: ConntrackOptions,
    warn: (message: string) => void,
    adoptIt?: () => NetlinkSocket,
  ): Promise<ConntrackReader> {
    await using opened = new AsyncDisposableStack();
    const reader = inNetworkNamespace(options.netns, () => {
      const errno = askConntrack();
      if (errno !== 0) throw conntrackError(errno);
      const socket = adoptIt?.() ?? NetlinkSocket.open(NETLINK_NETFILTER);
      const bind = () => {
        if (adoptIt !== undefined && options.pollSeconds === undefined && !isInSome(socket)) {
          throw adoptError("it takes no events of connection tracking");
        }
        filter(socket, options, warn);
        join(socket, options);
      };
      loadBatchSymbols();
      listenTo(socket, { bufferSize: options.bufferSize, bind }, warn, opened);
      const reader = new ConntrackReader(
        { socket, poller: opened.use(new Poller([socket])) },
        warn,
      );
      warnOfSettings(options, warn);
      return reader;
    });
    reader.opened = opened.move();
    if (adoptIt !== undefined) reader.adopted();
    reader.#schedule(options);
    return reader;
  }

  /**
   * Whether one sandbox must see all of them: its decoder knows flows, or its encoders what they
   * have told of flows that go on.
   */
  get isStateful(): boolean {
    return this.#knowsFlows || this.#repeats;
  }

  /** Asks for all flows, which a new decoder does not know. */
  begin(): void {
    if (this.#knowsFlows) this.#dump();
  }

  /** Asks for all flows at intervals, and soon after a loss. */
  #schedule({ pollSeconds, interimSeconds, reconcile }: ConntrackOptions): void {
    this.#knowsFlows = reconcile || pollSeconds !== undefined;
    this.#repeats = interimSeconds !== undefined;
    this.#countedDrops = this.socket.drops;
    this.#stopTimers();
    const seconds = pollSeconds ?? interimSeconds;
    if (seconds !== undefined) {
      this.#timers.push(setInterval(() => this.#dump(), seconds * 1000));
    }
    if (reconcile && pollSeconds === undefined) {
      this.#timers.push(setInterval(() => this.#checkDrops(), LOSS_CHECK_MS));
    }
    this.opened.defer(() => this.#stopTimers());
  }

  #stopTimers(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  #checkDrops(): void {
    const { drops } = this.socket;
    if (drops === this.#countedDrops) return;
    this.#countedDrops = drops;
    this.#dump();
  }

  /** Asks for all flows. The answers come behind the events until then, and none of them is lost. */
  #dump(): void {
    if (this.isLeft) return;
    try {
      this.socket.send(dumpRequest(++this.#sequence));
    } catch (error) {
      this.#warn(`Flows are not asked for: ${messageOf(error)}`);
      this.#stopTimers();
    }
  }

  /** Warns once of a dump that the kernel refused; one that is under way already is none. */
  #refused(errno: number): void {
    if (errno === 0 || errno === ERRNO.EBUSY || this.#timers.length === 0) return;
    this.#stopTimers();
    this.#warn(`Flows are not asked for any more: ${conntrackError(errno).message}`);
  }

  /**
   * Events that the kernel dropped since the socket was opened, by whichever process: it counts each
   * one, because each is a datagram.
   */
  get lostRecords(): number {
    return this.socket.drops;
  }

  /**
   * Applies other options to the open socket; no event is lost meanwhile.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  adjust(options: ConntrackOptions, warn: (message: string) => void): void {
    setReceiveBuffer(this.socket, options.bufferSize, warn);
    filter(this.socket, options, warn);
    join(this.socket, options);
    this.#schedule(options);
  }

  /**
   * Receives as many events as are queued and have room, without waiting.
   *
   * @param buffer Destination; its offset is a multiple of 4.
   * @returns Their length in bytes, or {@linkcode NOTHING_QUEUED}.
   * @throws {NetlinkError} If the socket fails.
   */
  receive(buffer: Uint8Array): number {
    const words = new Uint32Array(buffer.buffer, buffer.byteOffset, buffer.length >> 2);
    const batch = this.#batch;
    let length = 0;
    for (;;) {
      if (this.#taken === this.#count && (this.isLeft || !this.#receiveMany())) {
        return length === 0 ? NOTHING_QUEUED : length;
      }
      for (; this.#taken < this.#count; this.#taken++) {
        // Any process may send to a netlink socket.
        if (batch.portIdOf(this.#taken) !== 0) {
          this.foreign++;
          continue;
        }
        if ((batch.wordOf(this.#taken, 1) & 0xffff) === NLMSG_ERROR) {
          this.#refused(-(batch.wordOf(this.#taken, NLMSG_HDRLEN / 4) | 0));
          continue;
        }
        const size = wordAlign(Math.min(batch.lengthOf(this.#taken), EVENT_MAX));
        if (length + size > buffer.length) return length;
        batch.copyWords(this.#taken, words, length >> 2);
        length += size;
      }
    }
  }

  /** Receives queued datagrams; returns whether there are any. */
  #receiveMany(): boolean {
    this.#count = this.#batch.receive(this.descriptor);
    this.#taken = 0;
    if (this.#count > 0) this.clock.read();
    return this.#count > 0;
  }

  /**
   * Leaves the groups; queued events can still be received. Binding again, to no group, takes no
   * right, unlike `NETLINK_DROP_MEMBERSHIP`.
   */
  stop(): void {
    this.socket.bind(0, this.socket.portId);
  }
}

/** Returns whether a socket takes events of any kind. */
function isInSome(socket: NetlinkSocket): boolean {
  for (let group = 1; group <= NFNLGRP_CONNTRACK_DESTROY; group++) {
    if (isMember(socket, group)) return true;
  }
  return false;
}

/** Joins the groups of events, and leaves others. */
function join(socket: NetlinkSocket, options: ConntrackOptions): void {
  try {
    // Bound for the first time, the kernel chooses a port id; later it must stay the same.
    socket.bind(groupsOf(options), socket.portId);
  } catch (error) {
    if (error instanceof NetlinkError) throw conntrackError(error.errno);
    throw error;
  }
}

/** Lets the kernel leave out events that the source does not take; all others come. */
function filter(
  socket: NetlinkSocket,
  { where, reconcile }: ConntrackOptions,
  warn: (message: string) => void,
): void {
  const program = where === undefined ? undefined : kernelFilter(parseExpression(where), reconcile);
  try {
    if (program === undefined) detachFilter(socket);
    else attachFilter(socket, program);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    detachFilter(socket);
    warn(`${error.message}; all events come, and where is applied to them afterwards`);
  }
}

function warnOfSettings(
  options: ConntrackOptions,
  warn: (message: string) => void,
): void {
  const where = options.netns === undefined ? "" : ` in network namespace ${options.netns}`;
  for (const setting of settingsOff(options, valueOf)) {
    const { name, otherwise } = setting;
    warn(
      `${name} is 0${where}: ${otherwise}; set it before they begin, with \`${
        commandOf(setting)
      }\``,
    );
  }
}
