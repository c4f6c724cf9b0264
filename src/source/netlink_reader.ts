/**
 * What readers of netlink sockets share.
 *
 * @module
 */

import { lastErrno } from "../../ffi/errno.ts";
import { libcPath } from "../../ffi/libc.ts";
import {
  NETLINK_NO_ENOBUFS,
  type NetlinkSocket,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOL_NETLINK,
  SOL_SOCKET,
  systemCallError,
} from "../../ffi/netlink_socket.ts";
import { Poller } from "../../ffi/poller.ts";
import type { Need } from "../permission.ts";
import { InterfaceReader } from "./interface_reader.ts";

/** The right to open the C library. */
export function libcNeed(why: string): Need {
  return { name: "ffi", value: libcPath(), why };
}

/** Asks past the system's limit first, which takes CAP_NET_ADMIN in the first user namespace. */
function setReceiveBuffer(
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

/** What a reader of a netlink group holds. */
export interface Listening {
  /** The group's socket. */
  socket: NetlinkSocket;
  /** Names of the interfaces in its network namespace. */
  links: InterfaceReader;
  /** Waits for both. */
  poller: Poller;
}

/**
 * Makes a socket ready to be read.
 *
 * @param socket The socket.
 * @param bufferSize Its receive buffer, in bytes.
 * @param bind Binds it.
 * @param warn Told about what works, but not as asked for.
 * @param opened Takes what is opened.
 * @throws {NetlinkError} If the kernel refuses.
 */
export function listen(
  socket: NetlinkSocket,
  { bufferSize, bind }: { bufferSize: number; bind: () => void },
  warn: (message: string) => void,
  opened: AsyncDisposableStack,
): Listening {
  opened.use(socket);
  setReceiveBuffer(socket, bufferSize, warn);
  // A reader that is behind loses what does not fit, and no more.
  if (!socket.setOption(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)) {
    throw systemCallError("set NETLINK_NO_ENOBUFS");
  }
  bind();
  const links = opened.use(InterfaceReader.open());
  const poller = opened.use(new Poller([socket, links.socket]));
  return { socket, links, poller };
}
