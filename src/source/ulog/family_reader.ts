/** Netlink families that the kernel has. */

import { NetlinkSocket } from "../../../ffi/netlink_socket.ts";
import { inNetworkNamespace } from "../../../ffi/network_namespace.ts";
import { NetlinkError } from "../../errors.ts";
import type { Netns } from "../netns.ts";

/**
 * Returns whether the kernel has a netlink family, as ULOG's.
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
