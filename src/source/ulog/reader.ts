/** The privileged half of the ULOG source: receives datagrams of a multicast group. */

import { isMember } from "../../../ffi/netlink_identity.ts";
import { NetlinkSocket } from "../../../ffi/netlink_socket.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import { NetlinkError } from "../../errors.ts";
import { GroupReader } from "../group_reader.ts";
import { adopt, adoptError, listen, type Listening, openOrAdopt } from "../netlink_reader.ts";
import { NOTHING_QUEUED } from "../source.ts";
import { NETLINK_NFLOG } from "./constants.ts";
import type { UlogOptions } from "./options.ts";

/** Reads the datagrams of one ULOG group; others may read the same group. */
export class UlogReader extends GroupReader {
  private constructor({ netlinkFamily }: UlogOptions, parts: Listening) {
    // A relay is any process.
    super(parts, (portId) => portId !== 0 && netlinkFamily === NETLINK_NFLOG);
  }

  /**
   * Joins a group, or adopts a socket that has joined it.
   *
   * @param options Checked options.
   * @param warn Receives warnings about options that the system limits.
   * @param inherited A socket in that group that another process handed over; the reader owns it.
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
    reader.opened = opened.move();
    if (adoptIt !== undefined) reader.adopted();
    return reader;
  }

  /** Receives one datagram, without waiting; its length in bytes, or {@linkcode NOTHING_QUEUED}. */
  receive(buffer: Uint8Array): number {
    if (this.isLeft && !this.hasReceived) return NOTHING_QUEUED;
    return this.note(this.receiveFromKernel(buffer));
  }

  /** Returns all that were dropped: ULOG's have no sequence numbers. */
  protected override countUncounted(): number {
    return this.droppedDatagrams;
  }

  /**
   * Leaves the group; queued datagrams can still be received. Binding again, to no group, takes no
   * right, unlike `NETLINK_DROP_MEMBERSHIP`.
   */
  stop(): void {
    this.socket.bind(0, this.socket.portId);
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
