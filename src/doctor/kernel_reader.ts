/**
 * Facts about the kernel and about this process. Nothing is changed.
 *
 * @module
 */

import { ERRNO } from "../../ffi/errno.ts";
import { accessErrno } from "../../ffi/files.ts";
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
import { NetlinkError } from "../errors.ts";
import { type Link, linkDumpRequest, readLink } from "../netlink/link.ts";
import { readAcknowledgement, readMessages } from "../netlink/message.ts";
import { hasNetAdmin } from "../source/nflog/bind_error.ts";
import { probeRequest } from "../source/nflog/request.ts";

/** Where a source is: a network namespace's path, or a process in it; undefined for this one. */
export type Netns = string | number | undefined;

/** An answer holds the request and a header; no packet comes to a socket without a group. */
const ANSWER_MAX = 1024;

/** Larger than any datagram of a dump (`NLMSG_GOODSIZE` is at most 32 KiB in a dump), in bytes. */
const DATAGRAM_MAX = 65536;

/** The kernel's version, as in `6.1.0-13-amd64`. */
export function kernelRelease(): string | undefined {
  return readProcFile("/proc/sys/kernel/osrelease")?.trim();
}

/** Whether this process has CAP_NET_ADMIN in its own user namespace; undefined where /proc does not tell. */
export function isNetAdmin(): boolean | undefined {
  const status = readProcFile("/proc/self/status");
  return status === undefined ? undefined : hasNetAdmin(status);
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
 * The interfaces of a network namespace.
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

/** The kernel's answer about NFLOG. */
export interface NflogAnswer {
  /** Whether it has NFLOG; undefined where it tells that only to who may configure groups. */
  isThere: boolean | undefined;
  /** Whether this process may configure groups. */
  mayConfigure: boolean;
  /** Whether it refuses this group, and no other one: another socket holds it. */
  isHeld: boolean;
}

/**
 * Asks the kernel about a group, with a request that changes nothing.
 *
 * @throws {NetlinkError} If it fails in a way that tells nothing.
 */
export function askNflog(group: number, netns: Netns): NflogAnswer {
  return inNetworkNamespace(netns, () => {
    const answers = [0, 1, 2, 3].map((step) => probe((group + step) & 0xffff));
    const mayConfigure = answers.some((errno) => errno !== ERRNO.EPERM);
    const unknown: readonly number[] = [ERRNO.EINVAL, ERRNO.EPROTONOSUPPORT];
    return {
      isThere: mayConfigure
        ? !answers.some((errno) => unknown.includes(errno))
        : loggersHere()?.includes("nfnetlink_log") || undefined,
      mayConfigure,
      isHeld: mayConfigure && answers[0] === ERRNO.EPERM,
    };
  });
}

/** The answer's error number; 0 where the kernel acknowledges. */
function probe(group: number): number {
  let socket;
  try {
    socket = NetlinkSocket.open(NETLINK_NETFILTER);
  } catch (error) {
    if (error instanceof NetlinkError) return error.errno;
    throw error;
  }
  try {
    socket.bind();
    socket.send(probeRequest(group, 1));
    const answer = new Uint8Array(ANSWER_MAX);
    // The kernel answers within send().
    const length = socket.receive(answer);
    if (length === NOTHING_QUEUED) return 0;
    return readAcknowledgement(answer.subarray(0, length), 1) ?? 0;
  } finally {
    socket.close();
  }
}

/** The loggers of each protocol family: `/proc/net/netfilter/nf_log`. */
export function loggersOf(netns: Netns): string | undefined {
  return inNetworkNamespace(netns, loggersHere);
}

function loggersHere(): string | undefined {
  return readProcFile("/proc/thread-self/net/netfilter/nf_log");
}

/** `/proc/net/netfilter/nfnetlink_log`: who holds which group; undefined where it may not be read. */
export function holdersOf(netns: Netns): string | undefined {
  return inNetworkNamespace(
    netns,
    () => readProcFile("/proc/thread-self/net/netfilter/nfnetlink_log"),
  );
}

/**
 * Whether the kernel has a netlink family, as ULOG's.
 *
 * @throws {NetlinkError} If it fails in another way.
 */
export function hasNetlinkFamily(family: number, netns: Netns): boolean {
  return inNetworkNamespace(netns, () => {
    try {
      NetlinkSocket.open(family).close();
      return true;
    } catch (error) {
      if (error instanceof NetlinkError && error.code === "EPROTONOSUPPORT") return false;
      throw error;
    }
  });
}

/**
 * How large a receive buffer a socket gets.
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
      // The kernel doubles what it is asked for, to have room for its own records.
      return socket.getOption(SOL_SOCKET, SO_RCVBUF) / 2;
    } finally {
      socket.close();
    }
  });
}

/** Access to a path for the user that this process acts for. */
export type Access = "yes" | "absent" | "denied" | "read-only";

/** `ENOTDIR`, `EROFS` (asm-generic/errno-base.h) */
const [ENOTDIR, EROFS] = [20, 30];

/**
 * How a path can be used.
 *
 * @param ways What is to be done with it; a folder is written by making files in it.
 */
export function accessTo(path: string, ways: Parameters<typeof accessErrno>[1]): Access {
  switch (accessErrno(path, ways)) {
    case 0:
      return "yes";
    case ERRNO.ENOENT:
    case ENOTDIR:
      return "absent";
    case EROFS:
      return "read-only";
    default:
      return "denied";
  }
}
