/** The process behind a netlink socket, as /proc tells it. */

import { entriesOf } from "../../../ffi/files.ts";
import { linkTarget } from "../../../ffi/links.ts";
import { NETLINK_NETFILTER } from "../../../ffi/netlink_socket.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import { readProcFile } from "../../../ffi/proc_file.ts";
import type { Netns } from "../netns.ts";

/** A process. */
export interface Process {
  pid: number;
  /** Its short name, as `ps` shows it. */
  name: string;
  /** Its command line. */
  words: readonly string[];
  /** Its working directory; undefined where that may not be looked at. */
  cwd: string | undefined;
}

/**
 * Finds the process that has a netlink socket open. A port id is the id of its process only
 * where that has no other netlink socket.
 *
 * @param portId The socket's port id.
 * @param netns Where the socket is.
 * @returns The process; undefined where it may not be looked at, or is in another pid namespace.
 */
export function processOf(portId: number, netns: Netns): Process | undefined {
  const table = inNetworkNamespace(netns, () => readProcFile("/proc/thread-self/net/netlink"));
  const socket = `socket:[${inodeOf(table ?? "", portId)}]`;
  const pids = [portId, ...entriesOf("/proc").filter((name) => /^\d+$/.test(name)).map(Number)];
  const pid = pids.find((pid) => hasOpen(pid, socket));
  if (pid === undefined) return undefined;
  const name = readProcFile(`/proc/${pid}/comm`)?.trim();
  const words = readProcFile(`/proc/${pid}/cmdline`)?.split("\0").filter((word) => word !== "");
  if (name === undefined) return undefined;
  return { pid, name, words: words ?? [], cwd: linkTarget(`/proc/${pid}/cwd`) };
}

/**
 * Reads a socket's inode from `/proc/net/netlink` (`sk Eth Pid Groups Rmem Wmem Dump Locks
 * Drops Inode`).
 */
function inodeOf(table: string, portId: number): string | undefined {
  const rows = table.split("\n").map((line) => line.trim().split(/\s+/));
  return rows.find(([, family, port]) =>
    Number(family) === NETLINK_NETFILTER && Number(port) === portId
  )?.[9];
}

function hasOpen(pid: number, target: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return entriesOf(folder).some((name) => linkTarget(`${folder}/${name}`) === target);
}
