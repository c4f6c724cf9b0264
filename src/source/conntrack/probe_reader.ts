/** Answers of the kernel about connection tracking. Nothing is changed. */

import { ERRNO, errnoName, errnoText } from "../../../ffi/errno.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import { readProcFile } from "../../../ffi/proc_file.ts";
import { NetlinkError } from "../../errors.ts";
import { errnoOf } from "../netlink_reader.ts";
import { missingRight } from "../net_admin.ts";
import type { ConntrackOptions } from "./options.ts";
import { probeRequest } from "./request.ts";
import { EVENTS_SETTING, fileOf, type Setting, settingsOff } from "./settings.ts";

/**
 * Asks the kernel for the table's figures, in this thread's network namespace.
 *
 * @returns The answer's error number; 0 if flows can be read.
 */
export function askConntrack(): number {
  return errnoOf(probeRequest(1), 1);
}

/** Returns the value of a setting in this thread's network namespace; undefined if it is not there. */
export function valueOf(setting: Setting): string | undefined {
  return readProcFile(fileOf(setting))?.trim();
}

/** Answer of the kernel about connection tracking in a network namespace. */
export interface ConntrackAnswer {
  /** Reason why flows cannot be read, and what to do; undefined if they can be. */
  problem: string | undefined;
  /** Flows in the table; undefined where that may not be read. */
  flows: number | undefined;
  /** Settings that are off. */
  off: readonly Setting[];
  /** Whether flows that began before the source was opened have no events. */
  isAutomatic: boolean;
}

/** Asks the kernel about the flows of a source. */
export function conntrackIn(options: ConntrackOptions): ConntrackAnswer {
  return inNetworkNamespace(options.netns, () => {
    const errno = askConntrack();
    const count = readProcFile("/proc/sys/net/netfilter/nf_conntrack_count");
    return {
      problem: errno === 0 ? undefined : reasonOf(errno),
      flows: count === undefined ? undefined : Number(count),
      off: settingsOff(options, valueOf),
      isAutomatic: options.pollSeconds === undefined && valueOf(EVENTS_SETTING) === "2",
    };
  });
}

/**
 * Returns the error for flows that the kernel does not let read.
 *
 * @param errno The error number.
 */
export function conntrackError(errno: number): NetlinkError {
  const operation = "read flows of connection tracking";
  return new NetlinkError(`Cannot ${operation}: ${reasonOf(errno)}`, {
    operation,
    errno,
    code: errnoName(errno),
    origin: "reply",
  });
}

/** Returns why flows cannot be read, and what to do. */
function reasonOf(errno: number): string {
  if (errno === ERRNO.EINVAL || errno === ERRNO.EPROTONOSUPPORT) {
    return "this kernel has no nf_conntrack_netlink; load it with `modprobe nf_conntrack_netlink`, " +
      "or use a kernel with CONFIG_NF_CT_NETLINK";
  }
  return errno === ERRNO.EPERM ? missingRight(readProcFile("/proc/self/status")) : errnoText(errno);
}
