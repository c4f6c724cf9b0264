/** Opens sockets for NFLOG groups; collects from the kernel and /proc why that fails. */

import { errnoName, errnoText } from "../../../ffi/errno.ts";
import { NETLINK_NETFILTER, NetlinkSocket } from "../../../ffi/netlink_socket.ts";
import { readProcFile } from "../../../ffi/proc_file.ts";
import { NetlinkError } from "../../errors.ts";
import { bindErrorMessage } from "./bind_error.ts";

/**
 * Opens a socket that is not bound to a group yet.
 *
 * @throws {NetlinkError} If the kernel has no NFLOG.
 */
export function openSocket(group: number): NetlinkSocket {
  try {
    return NetlinkSocket.open(NETLINK_NETFILTER);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== "EPROTONOSUPPORT") throw error;
    throw bindError(group, error.errno, "syscall", false);
  }
}

/**
 * Returns the error for a group that the kernel refused.
 *
 * @param errno The error number.
 * @param origin Whether a system call or a reply failed.
 * @param mayConfigure Whether the kernel lets this process configure other groups.
 */
export function bindError(
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
