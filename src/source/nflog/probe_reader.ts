/** Answers of the kernel about NFLOG, its groups and their holders. Nothing is changed. */

import { ERRNO } from "../../../ffi/errno.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import { readProcFile } from "../../../ffi/proc_file.ts";
import { errnoOf } from "../netlink_reader.ts";
import type { Netns } from "../netns.ts";
import { hasNetAdmin } from "../net_admin.ts";
import { probeRequest } from "./request.ts";

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
    const answers = [0, 1, 2, 3].map((step) =>
      errnoOf(probeRequest((group + step) & 0xffff, 1), 1)
    );
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
