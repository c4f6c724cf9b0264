/** Netlink socket that sends and receives bytes, without knowledge of the protocol. */

import { NetlinkError } from "../src/errors.ts";
import { setCloseOnExec } from "./descriptor.ts";
import { ERRNO, errnoName, errnoText, lastErrno } from "./errno.ts";
import { AF_NETLINK, SockaddrNl } from "./layout.ts";
import { type Libc, libc } from "./libc.ts";

/** `SOCK_RAW` (linux/net.h) */
const SOCK_RAW = 3;
/** `SOCK_CLOEXEC` (linux/net.h) */
const SOCK_CLOEXEC = 0o2000000;
/** `MSG_TRUNC` (linux/socket.h): `recv` returns the datagram's own length */
const MSG_TRUNC = 0x20;
/** `MSG_DONTWAIT` (linux/socket.h) */
const MSG_DONTWAIT = 0x40;

/** `SOL_SOCKET` (asm-generic/socket.h) */
export const SOL_SOCKET = 1;
/** `SO_RCVBUF` (asm-generic/socket.h) */
export const SO_RCVBUF = 8;
/** `SO_RCVBUFFORCE` (asm-generic/socket.h) */
export const SO_RCVBUFFORCE = 33;
/** `SOL_NETLINK` (linux/socket.h) */
export const SOL_NETLINK = 270;
/** `NETLINK_NO_ENOBUFS` (linux/netlink.h) */
export const NETLINK_NO_ENOBUFS = 5;
/** `NETLINK_ROUTE` (linux/netlink.h) */
export const NETLINK_ROUTE = 0;
/** `NETLINK_USERSOCK` (linux/netlink.h) */
export const NETLINK_USERSOCK = 2;
/** `NETLINK_NETFILTER` (linux/netlink.h) */
export const NETLINK_NETFILTER = 12;

/** `SO_PROTOCOL` and `SO_DOMAIN` (asm-generic/socket.h) */
const SO_PROTOCOL = 38;
const SO_DOMAIN = 39;

/** `SO_MEMINFO` (asm-generic/socket.h) */
const SO_MEMINFO = 55;
/** `SK_MEMINFO_VARS` (linux/sock_diag.h): how many words `SO_MEMINFO` fills. */
const SK_MEMINFO_VARS = 9;
/** `SK_MEMINFO_DROPS` (linux/sock_diag.h) */
const SK_MEMINFO_DROPS = 8;

/** Result of {@linkcode NetlinkSocket.receive} if nothing is queued. */
export const NOTHING_QUEUED = -1;

/**
 * Creates the error of a failed system call, from this thread's `errno`.
 *
 * @param operation Operation, as in `open a netlink socket`.
 * @param errno Error number.
 * @returns Error to throw.
 */
export function systemCallError(operation: string, errno: number = lastErrno()): NetlinkError {
  return new NetlinkError(`Cannot ${operation}: ${errnoText(errno)}`, {
    operation,
    errno,
    code: errnoName(errno),
    origin: "syscall",
  });
}

/**
 * Netlink socket that never blocks the thread. {@linkcode Poller} waits for it.
 *
 * @example Asking which port id the kernel gave
 * ```ts ignore
 * await using socket = NetlinkSocket.open(NETLINK_USERSOCK);
 * socket.bind();
 * console.log(socket.portId);
 * ```
 */
export class NetlinkSocket implements AsyncDisposable {
  readonly #libc: Libc;
  /** -1 once closed, so that late calls do not use a reused descriptor. */
  #fd: number;
  readonly #sender = new SockaddrNl();
  readonly #senderLength = new Uint8Array(new Uint32Array([SockaddrNl.SIZE]).buffer);

  private constructor(c: Libc, fd: number) {
    this.#libc = c;
    this.#fd = fd;
  }

  /**
   * Opens a socket: `socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)`.
   *
   * @param protocol Protocol, as in `NETLINK_NETFILTER`.
   * @throws {NetlinkError} If the kernel refuses.
   */
  static open(protocol: number): NetlinkSocket {
    const c = libc();
    const fd = c.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (fd < 0) throw systemCallError("open a netlink socket");
    return new NetlinkSocket(c, fd);
  }

  /**
   * Adopts a socket that another process opened and passed on. If it has another protocol, it stays
   * open, and the caller must close it.
   *
   * @param descriptor Descriptor, then owned by this socket.
   * @param protocol Expected protocol, as in `NETLINK_NETFILTER`.
   * @throws {NetlinkError} If it is no such socket.
   */
  static adopt(descriptor: number, protocol: number): NetlinkSocket {
    const operation = `take over descriptor ${descriptor} as a netlink socket`;
    if (!setCloseOnExec(descriptor)) throw systemCallError(operation);
    const socket = new NetlinkSocket(libc(), descriptor);
    const option = (name: number) => socket.getOption(SOL_SOCKET, name);
    if (option(SO_DOMAIN) === AF_NETLINK && option(SO_PROTOCOL) === protocol) return socket;
    throw systemCallError(operation, ERRNO.EPROTONOSUPPORT);
  }

  /** Descriptor, for {@linkcode Poller} and for a handover. */
  get descriptor(): number {
    return this.#fd;
  }

  /**
   * Binds to a port id chosen by the kernel, or again to its present one.
   *
   * @param groups Multicast groups, a bit each.
   * @param portId Its port id, if it is bound already.
   * @throws {NetlinkError} If the kernel refuses.
   */
  bind(groups = 0, portId = 0): void {
    if (this.#libc.bind(this.#fd, new SockaddrNl(portId, groups).bytes, SockaddrNl.SIZE) < 0) {
      throw systemCallError("bind a netlink socket");
    }
  }

  /** Port id that the kernel chose in {@linkcode bind}. */
  get portId(): number {
    const address = new SockaddrNl();
    const length = new Uint8Array(new Uint32Array([SockaddrNl.SIZE]).buffer);
    if (this.#libc.getsockname(this.#fd, address.bytes, length) < 0) {
      throw systemCallError("read a netlink socket's address");
    }
    return address.portId;
  }

  /**
   * Sets an `int` option.
   *
   * @param level Level, as in `SOL_NETLINK`.
   * @param name Name, as in `NETLINK_NO_ENOBUFS`.
   * @returns Whether the kernel accepted it; {@linkcode lastErrno} is the reason if not.
   */
  setOption(level: number, name: number, value: number): boolean {
    const bytes = new Uint8Array(new Int32Array([value]).buffer);
    return this.#libc.setsockopt(this.#fd, level, name, bytes, bytes.length) === 0;
  }

  /** Reads an `int` option. */
  getOption(level: number, name: number): number {
    return this.readOption(level, name, 1)[0]!;
  }

  /**
   * Reads an option of several words.
   *
   * @throws {NetlinkError} If the kernel does not support it.
   */
  readOption(level: number, name: number, words: number): Uint32Array {
    const value = new Uint32Array(words);
    const bytes = new Uint8Array(value.buffer);
    const length = new Uint8Array(new Uint32Array([bytes.length]).buffer);
    if (this.#libc.getsockopt(this.#fd, level, name, bytes, length) < 0) {
      throw systemCallError("read a socket option");
    }
    return value;
  }

  /** Number of datagrams that the kernel dropped because the receive buffer was full. */
  get drops(): number {
    return this.readOption(SOL_SOCKET, SO_MEMINFO, SK_MEMINFO_VARS)[SK_MEMINFO_DROPS]!;
  }

  /**
   * Sends one datagram.
   *
   * @param bytes The netlink messages.
   * @param portId Port id of the receiver; 0 is the kernel.
   * @param groups Multicast groups to send to, a bit each.
   * @throws {NetlinkError} If the kernel refuses.
   */
  send(bytes: Uint8Array<ArrayBuffer>, portId = 0, groups = 0): void {
    const to = new SockaddrNl(portId, groups).bytes;
    const sent = this.#libc.sendto(this.#fd, bytes, BigInt(bytes.length), 0, to, to.length);
    if (Number(sent) < 0) throw systemCallError("send a netlink message");
  }

  /**
   * Receives one datagram without blocking. {@linkcode senderPortId} is then its sender.
   *
   * @param buffer Buffer for the datagram.
   * @returns Length of the datagram in bytes, more than the buffer's if it was cut;
   * {@linkcode NOTHING_QUEUED} if there is none.
   * @throws {NetlinkError} If the kernel reports another error than an empty queue.
   */
  receive(buffer: Uint8Array): number {
    for (;;) {
      const length = Number(this.#libc.recvfrom(
        this.#fd,
        buffer as Uint8Array<ArrayBuffer>,
        BigInt(buffer.length),
        MSG_DONTWAIT | MSG_TRUNC,
        this.#sender.bytes,
        this.#senderLength,
      ));
      if (length >= 0) return length;
      const errno = lastErrno();
      if (errno === ERRNO.EAGAIN) return NOTHING_QUEUED;
      if (errno !== ERRNO.EINTR) throw systemCallError("receive from a netlink socket", errno);
    }
  }

  /** Port id of the last datagram's sender; 0 is the kernel. */
  get senderPortId(): number {
    return this.#sender.portId;
  }

  /** Closes the socket. */
  close(): Promise<void> {
    if (this.#fd >= 0) this.#libc.close(this.#fd);
    this.#fd = -1;
    return Promise.resolve();
  }

  /** Closes the socket. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
