/**
 * What readers of netlink sockets share.
 *
 * @module
 */

import { lastErrno } from "../../ffi/errno.ts";
import { libcPath } from "../../ffi/libc.ts";
import {
  type NetlinkSocket,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOL_SOCKET,
  systemCallError,
} from "../../ffi/netlink_socket.ts";
import type { Need } from "../permission.ts";

/** The right to open the C library. */
export function libcNeed(why: string): Need {
  return { name: "ffi", value: libcPath(), why };
}

/** Asks past the system's limit first, which takes CAP_NET_ADMIN in the first user namespace. */
export function setReceiveBuffer(
  socket: NetlinkSocket,
  size: number,
  warn: (message: string) => void,
): void {
  if (socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, size)) return;
  if (!socket.setOption(SOL_SOCKET, SO_RCVBUF, size)) {
    throw systemCallError("set the receive buffer", lastErrno());
  }
  // The kernel doubles what it is asked for, to have room for its own records.
  const given = socket.getOption(SOL_SOCKET, SO_RCVBUF) / 2;
  if (given < size) {
    warn(
      `The receive buffer is ${given} bytes, not ${size}: the system's limit holds; packets may be lost in bursts. ` +
        `Raise it with \`sysctl -w net.core.rmem_max=${size}\``,
    );
  }
}
