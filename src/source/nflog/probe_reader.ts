/** Answers of the kernel about NFLOG, its groups and their holders. Nothing is changed. */

import { ERRNO } from "../../../ffi/errno.ts";
import { NETLINK_NETFILTER, NetlinkSocket, NOTHING_QUEUED } from "../../../ffi/netlink_socket.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import { readProcFile } from "../../../ffi/proc_file.ts";
import { NetlinkError } from "../../errors.ts";
import { readAcknowledgement } from "../../netlink/message.ts";
import type { Netns } from "../netns.ts";
import { hasNetAdmin } from "./bind_error.ts";
import { probeRequest } from "./request.ts";

/** An answer holds the request and a header; no packet comes to a socket without a group. */
const ANSWER_MAX = 1024;

/**
 * Returns whether this process has CAP_NET_ADMIN in its own user namespace; undefined
 * where /proc does not tell.
 */
export function isNetAdmin(): boolean | undefined {
  const status = readProcFile("/proc/self/status");
  return status === undefined ? undefined : hasNetAdmin(status);
}

/** Answer of the kernel about NFLOG. */
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
        : readProcFile("/proc/thread-self/net/netfilter/nf_log")?.includes("nfnetlink_log") ||
          undefined,
      mayConfigure,
      isHeld: mayConfigure && answers[0] === ERRNO.EPERM,
    };
  });
}

/** Returns the answer's error number; 0 where the kernel acknowledges. */
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

/**
 * Reads `/proc/net/netfilter/nfnetlink_log`, the holders of groups; returns undefined
 * where that is not allowed.
 */
export function holdersOf(netns: Netns): string | undefined {
  return inNetworkNamespace(
    netns,
    () => readProcFile("/proc/thread-self/net/netfilter/nfnetlink_log"),
  );
}
