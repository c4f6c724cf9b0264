/**
 * A netlink socket: bytes in, bytes out, nothing about what they mean.
 *
 * @module
 */

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
/** `NETLINK_ADD_MEMBERSHIP` (linux/netlink.h) */
export const NETLINK_ADD_MEMBERSHIP = 1;
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

/** What {@linkcode NetlinkSocket.receive} returns where nothing is queued. */
export const NOTHING_QUEUED = -1;

/**
 * The error of a system call that just failed, from this thread's `errno`.
 *
 * @param operation What was tried, as in `open a netlink socket`.
 * @param errno The error number.
 * @returns The error to throw.
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
 * A netlink socket that never blocks the thread. {@linkcode Poller} waits for it.
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
  /** -1 once closed, so that a late call cannot reach somebody else's descriptor. */
  #fd: number;
  readonly #sender = new SockaddrNl();
  readonly #senderLength = new Uint8Array(new Uint32Array([SockaddrNl.SIZE]).buffer);
  /** Polls that hold the descriptor; it stays open until they are over. */
  readonly #polls = new Set<Promise<unknown>>();

  private constructor(c: Libc, fd: number) {
    this.#libc = c;
    this.#fd = fd;
  }

  /**
   * Opens a socket: `socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)`.
   *
   * @param protocol As in `NETLINK_NETFILTER`.
   * @throws {NetlinkError} If the kernel refuses.
   */
  static open(protocol: number): NetlinkSocket {
    const c = libc();
    const fd = c.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (fd < 0) throw systemCallError("open a netlink socket");
    return new NetlinkSocket(c, fd);
  }

  /**
   * Takes a socket that another process opened and handed on. If it is none of
   * this protocol, it stays as it is: open, and whoever tries it must close it.
   *
   * @param descriptor The descriptor, which is then this socket's own.
   * @param protocol What it must be, as in `NETLINK_NETFILTER`.
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

  /** The descriptor, for {@linkcode Poller} and for handing it on. */
  get descriptor(): number {
    return this.#fd;
  }

  /**
   * Binds to a port id of the kernel's choice, or again to the one that it has.
   *
   * @param groups Multicast groups to be in, a bit each.
   * @param portId Its port id, if it is bound already.
   * @throws {NetlinkError} If the kernel refuses.
   */
  bind(groups = 0, portId = 0): void {
    if (this.#libc.bind(this.#fd, new SockaddrNl(portId, groups).bytes, SockaddrNl.SIZE) < 0) {
      throw systemCallError("bind a netlink socket");
    }
  }

  /** The port id that the kernel gave in {@linkcode bind}. */
  get portId(): number {
    const address = new SockaddrNl();
    const length = new Uint8Array(new Uint32Array([SockaddrNl.SIZE]).buffer);
    if (this.#libc.getsockname(this.#fd, address.bytes, length) < 0) {
      throw systemCallError("read a netlink socket's address");
    }
    return address.portId;
  }

  /**
   * Sets an option that is an `int`.
   *
   * @param level As in `SOL_NETLINK`.
   * @param name As in `NETLINK_NO_ENOBUFS`.
   * @param value Its value.
   * @returns Whether the kernel took it; it may say why not through {@linkcode lastErrno}.
   */
  setOption(level: number, name: number, value: number): boolean {
    const bytes = new Uint8Array(new Int32Array([value]).buffer);
    return this.#libc.setsockopt(this.#fd, level, name, bytes, bytes.length) === 0;
  }

  /** Reads an option that is an `int`. */
  getOption(level: number, name: number): number {
    return this.readOption(level, name, 1)[0]!;
  }

  /**
   * Reads an option of several words.
   *
   * @throws {NetlinkError} If the kernel does not know it.
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

  /** Datagrams that the kernel dropped because the receive buffer was full. */
  get drops(): number {
    return this.readOption(SOL_SOCKET, SO_MEMINFO, SK_MEMINFO_VARS)[SK_MEMINFO_DROPS]!;
  }

  /**
   * Sends one datagram.
   *
   * @param bytes The netlink messages.
   * @param portId The receiver; 0 is the kernel.
   * @param groups Multicast groups to send to, a bit each.
   * @throws {NetlinkError} If the kernel refuses.
   */
  send(bytes: Uint8Array<ArrayBuffer>, portId = 0, groups = 0): void {
    const to = new SockaddrNl(portId, groups).bytes;
    const sent = this.#libc.sendto(this.#fd, bytes, BigInt(bytes.length), 0, to, to.length);
    if (Number(sent) < 0) throw systemCallError("send a netlink message");
  }

  /**
   * Receives one datagram into a buffer, without waiting. {@linkcode senderPortId}
   * then tells who sent it.
   *
   * @param buffer Where the datagram goes, from its first byte on.
   * @returns The datagram's length in bytes, which is more than the buffer's
   * where it was cut; {@linkcode NOTHING_QUEUED} where there is none.
   * @throws {NetlinkError} If the kernel reports anything but an empty queue.
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

  /** The port id that sent the datagram received last; 0 is the kernel. */
  get senderPortId(): number {
    return this.#sender.portId;
  }

  /** Keeps the descriptor open until a poll on it is over. */
  holdFor(poll: Promise<unknown>): void {
    this.#polls.add(poll);
    poll.then(() => this.#polls.delete(poll));
  }

  /** Closes the socket, once no poll on it is in flight. */
  async close(): Promise<void> {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    await Promise.all(this.#polls);
    this.#libc.close(fd);
  }

  /** Closes the socket. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
