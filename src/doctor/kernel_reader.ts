/** Facts about the kernel and about this process. Nothing is changed. */

import {
  NETLINK_NETFILTER,
  NETLINK_ROUTE,
  NetlinkSocket,
  NOTHING_QUEUED,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOL_SOCKET,
} from "../../ffi/netlink_socket.ts";
import { inNetworkNamespace } from "../../ffi/network_namespace.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { type Link, linkDumpRequest, readLink } from "../netlink/link.ts";
import { readMessages } from "../netlink/message.ts";
import { receiveBufferOf } from "../source/netlink_reader.ts";
import type { Netns } from "../source/netns.ts";

/** Larger than any datagram of a dump (`NLMSG_GOODSIZE` is at most 32 KiB in a dump), in bytes. */
const DATAGRAM_MAX = 65536;

/** Returns the kernel's version, as in `6.1.0-13-amd64`. */
export function kernelRelease(): string | undefined {
  return readProcFile("/proc/sys/kernel/osrelease")?.trim();
}

/**
 * Looks whether a network namespace can be entered.
 *
 * @throws {NetlinkError} If not; the message says why and what to do.
 */
export function enterNamespace(netns: Netns): void {
  inNetworkNamespace(netns, () => {});
}

/**
 * Returns the interfaces of a network namespace.
 *
 * @throws {NetlinkError} If the kernel refuses.
 */
export function interfacesOf(netns: Netns): Link[] {
  return inNetworkNamespace(netns, () => {
    const socket = NetlinkSocket.open(NETLINK_ROUTE);
    try {
      socket.bind();
      socket.send(linkDumpRequest(1));
      const links: Link[] = [];
      const buffer = new Uint8Array(DATAGRAM_MAX);
      // The kernel answers within send(), and each receive() makes room for what follows.
      for (;;) {
        const length = socket.receive(buffer);
        if (length === NOTHING_QUEUED) return links;
        for (const message of readMessages(buffer.subarray(0, length))) {
          const link = readLink(message);
          if (link !== undefined) links.push(link);
        }
      }
    } finally {
      socket.close();
    }
  });
}

/** Returns the loggers of each protocol family: `/proc/net/netfilter/nf_log`. */
export function loggersOf(netns: Netns): string | undefined {
  return inNetworkNamespace(netns, () => readProcFile("/proc/thread-self/net/netfilter/nf_log"));
}

/**
 * Returns how large a receive buffer a socket gets.
 *
 * @param size What is asked for, in bytes.
 * @returns What the kernel gives, in bytes.
 */
export function receiveBuffer(size: number, netns: Netns): number {
  return inNetworkNamespace(netns, () => {
    const socket = NetlinkSocket.open(NETLINK_NETFILTER);
    try {
      const isForced = socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, size);
      if (!isForced) socket.setOption(SOL_SOCKET, SO_RCVBUF, size);
      return receiveBufferOf(socket);
    } finally {
      socket.close();
    }
  });
}
