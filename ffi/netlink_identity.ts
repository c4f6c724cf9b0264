/** Reads kernel state of a netlink socket that another process opened. */

import { NetlinkError } from "../src/errors.ts";
import { type NetlinkSocket, SOL_NETLINK, SOL_SOCKET } from "./netlink_socket.ts";

/** `SO_NETNS_COOKIE` (asm-generic/socket.h) */
const SO_NETNS_COOKIE = 71;
/** `NETLINK_LIST_MEMBERSHIPS` (linux/netlink.h) */
const NETLINK_LIST_MEMBERSHIPS = 9;

/** Returns the cookie of its network namespace, unique to it; undefined before Linux 5.14. */
export function namespaceOf(socket: NetlinkSocket): string | undefined {
  try {
    return socket.readOption(SOL_SOCKET, SO_NETNS_COOKIE, 2).join(" ");
  } catch (error) {
    if (error instanceof NetlinkError && error.code === "ENOPROTOOPT") return undefined;
    throw error;
  }
}

/** Returns whether it is a member of a multicast group, numbered from 1 to 32. */
export function isMember(socket: NetlinkSocket, group: number): boolean {
  const words = socket.readOption(SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, 1);
  return (words[0]! >>> (group - 1) & 1) === 1;
}
