/** Opening of netlink sockets and questions to the kernel, common to several readers. */

import { closeDescriptor } from "../../ffi/descriptor.ts";
import { ERRNO, errnoName, lastErrno } from "../../ffi/errno.ts";
import { namespaceOf } from "../../ffi/netlink_identity.ts";
import {
  NETLINK_NETFILTER,
  NETLINK_NO_ENOBUFS,
  NetlinkSocket,
  NOTHING_QUEUED,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOL_NETLINK,
  SOL_SOCKET,
  systemCallError,
} from "../../ffi/netlink_socket.ts";
import { Poller } from "../../ffi/poller.ts";
import { NetlinkError } from "../errors.ts";
import { readAcknowledgement } from "../netlink/message.ts";
import { InterfaceReader } from "./interface_reader.ts";

/** Factor by which a receive buffer is enlarged while its socket is handed over. */
const HANDOVER_FACTOR = 8;
/** The largest receive buffer, in bytes: the kernel stores the double in an `int`. */
const BUFFER_MAX = 0x3fff_ffff;
/** Size of an answer, or of a datagram before it, in bytes. */
const ANSWER_MAX = 4096;

/**
 * Sets the size of a receive buffer. Asks past the system's limit first, which takes CAP_NET_ADMIN
 * in the first user namespace.
 */
export function setReceiveBuffer(
  socket: NetlinkSocket,
  size: number,
  warn: (message: string) => void,
): void {
  if (socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, size)) return;
  if (!socket.setOption(SOL_SOCKET, SO_RCVBUF, size)) {
    throw systemCallError("set the receive buffer", lastErrno());
  }
  const given = receiveBufferOf(socket);
  if (given < size) {
    warn(
      `The receive buffer is ${given} bytes, not ${size}: the system's limit holds; packets may be lost in bursts. ` +
        `Raise it with \`sysctl -w net.core.rmem_max=${size}\``,
    );
  }
}

/** Returns the size of a receive buffer, in bytes. */
export function receiveBufferOf(socket: NetlinkSocket): number {
  // The kernel doubles the requested size to make room for its own records.
  return socket.getOption(SOL_SOCKET, SO_RCVBUF) / 2;
}

/**
 * Sends a request to netfilter that changes nothing, in this thread's network namespace.
 *
 * @param request The request, with this sequence number.
 * @param sequence Its sequence number.
 * @returns The answer's error number; 0 if the kernel grants it.
 * @throws {NetlinkError} If the socket fails.
 */
export function errnoOf(request: Uint8Array<ArrayBuffer>, sequence: number): number {
  let socket;
  try {
    socket = NetlinkSocket.open(NETLINK_NETFILTER);
  } catch (error) {
    if (error instanceof NetlinkError) return error.errno;
    throw error;
  }
  try {
    socket.bind();
    socket.send(request);
    const answer = new Uint8Array(ANSWER_MAX);
    // The kernel answers within send().
    for (;;) {
      const length = socket.receive(answer);
      if (length === NOTHING_QUEUED) return 0;
      const errno = readAcknowledgement(answer.subarray(0, length), sequence);
      if (errno !== undefined) return errno;
    }
  } finally {
    socket.close();
  }
}

/** Resources of a reader of a netlink group. */
export interface Listening {
  /** Socket of the group. */
  socket: NetlinkSocket;
  /** Names of the interfaces in its network namespace. */
  links: InterfaceReader;
  /** Waits for both sockets. */
  poller: Poller;
}

/** Options of preparing a socket for reading. */
export interface ListenOptions {
  /** Size of its receive buffer, in bytes. */
  bufferSize: number;
  /** Binds it. */
  bind: () => void;
}

/**
 * Prepares a socket for reading.
 *
 * @param warn Receives warnings about options that the system limits.
 * @param opened Stack of the resources that are opened.
 * @throws {NetlinkError} If the kernel refuses.
 */
export function listenTo(
  socket: NetlinkSocket,
  { bufferSize, bind }: ListenOptions,
  warn: (message: string) => void,
  opened: AsyncDisposableStack,
): void {
  opened.use(socket);
  setReceiveBuffer(socket, bufferSize, warn);
  // A reader that falls behind loses the packets that do not fit, and no more.
  if (!socket.setOption(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)) {
    throw systemCallError("set NETLINK_NO_ENOBUFS");
  }
  bind();
}

/**
 * Prepares a socket for reading, and opens the names of interfaces beside it.
 *
 * @param warn Receives warnings about options that the system limits.
 * @param opened Stack of the resources that are opened.
 * @throws {NetlinkError} If the kernel refuses.
 */
export function listen(
  socket: NetlinkSocket,
  options: ListenOptions,
  warn: (message: string) => void,
  opened: AsyncDisposableStack,
): Listening {
  listenTo(socket, options, warn, opened);
  const links = opened.use(InterfaceReader.open());
  const poller = opened.use(new Poller([socket, links.socket]));
  return { socket, links, poller };
}

/**
 * Adopts a socket that another process handed over.
 *
 * @param descriptor The socket; closed if it is not adopted.
 * @param protocol The required protocol, such as `NETLINK_NETFILTER`.
 * @returns The socket, which is in this thread's network namespace as far as the kernel shows.
 * @throws {NetlinkError} If it is another kind of socket, or in another namespace.
 */
export function adopt(descriptor: number, protocol: number): NetlinkSocket {
  try {
    const socket = NetlinkSocket.adopt(descriptor, protocol);
    const local = NetlinkSocket.open(protocol);
    const isHere = namespaceOf(socket) === namespaceOf(local);
    local.close();
    if (isHere) return socket;
    throw adoptError("it is in another network namespace");
  } catch (error) {
    closeDescriptor(descriptor);
    throw error;
  }
}

/** Returns the error for a handed over socket that is unusable. */
export function adoptError(why: string, errno: number = ERRNO.EINVAL): NetlinkError {
  const operation = "go on with the socket that was handed over";
  return new NetlinkError(`Cannot ${operation}: ${why}`, {
    operation,
    errno,
    code: errnoName(errno),
    origin: "syscall",
  });
}

/**
 * Opens a reader with the socket that was handed over; if that is unusable, with another one.
 *
 * @param inherited The socket, if there is one.
 * @param adoptIt Opens the reader with it.
 * @param openAnother Opens the reader with another one.
 * @param warn Receives the reason why it is unusable.
 */
export async function openOrAdopt<Opened>(
  inherited: number | undefined,
  adoptIt: (inherited: number) => Promise<Opened>,
  openAnother: () => Promise<Opened>,
  warn: (message: string) => void,
): Promise<Opened> {
  if (inherited === undefined) return await openAnother();
  try {
    return await adoptIt(inherited);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    warn(`${error.message}; another one is opened, and packets in between are not received`);
    return await openAnother();
  }
}

/**
 * Enlarges the receive buffer for the time in which no process reads it, as far as the system
 * allows.
 */
export function widen(socket: NetlinkSocket): void {
  const size = socket.getOption(SOL_SOCKET, SO_RCVBUF) / 2;
  socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, Math.min(size * HANDOVER_FACTOR, BUFFER_MAX));
}
