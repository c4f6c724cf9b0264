/**
 * Unix sockets that pass descriptors and report the peer's credentials, which Deno's own do not:
 * `SCM_RIGHTS` and `SO_PEERCRED` (unix(7)).
 */

import { ERRNO, lastErrno } from "./errno.ts";
import { PollFds } from "./layout.ts";
import { type Libc, libc } from "./libc.ts";
import { SOL_SOCKET, systemCallError } from "./netlink_socket.ts";
import {
  AF_UNIX,
  controlRoom,
  descriptorsIn,
  MessageHeader,
  rightsMessage,
  sockaddrUn,
} from "./unix_layout.ts";
import { type UnixSymbols, unixSymbols } from "./unix_symbols.ts";

/**
 * Types of sockets (linux/net.h). `packets` preserves message boundaries and reports the end of a
 * connection.
 */
const KINDS = { stream: 1, datagram: 2, packets: 5 } as const;
/** `SOCK_CLOEXEC` and `SOCK_NONBLOCK` (linux/net.h) */
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
/** `SO_SNDBUF`, `SO_PEERCRED` and `SO_SNDTIMEO` (asm-generic/socket.h) */
const SO_SNDBUF = 7;
const SO_PEERCRED = 17;
const SO_SNDTIMEO = 21;
/** `MSG_DONTWAIT`, `MSG_CTRUNC`, `MSG_NOSIGNAL` and `MSG_CMSG_CLOEXEC` (linux/socket.h) */
const MSG_CTRUNC = 0x08;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
/** Timeout of sending and connecting, in seconds. */
const SEND_TIMEOUT_S = 1n;

/** Credentials of the peer when it connected or began to listen (`struct ucred`, unix(7)). */
export interface Peer {
  pid: number;
  /** Effective user id. */
  uid: number;
  /** Effective group id. */
  gid: number;
}

/** Received message. */
export interface UnixMessage {
  /** Message; empty if the peer is closed. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Descriptors that it carried: open, and owned by this process. */
  descriptors: number[];
}

/** Returns the effective user id, to compare a {@linkcode Peer} with. */
export function ownUser(): number {
  return unixSymbols().geteuid();
}

/** Unix socket. Only sending and connecting may block, for a second at the most. */
export class UnixSocket implements AsyncDisposable {
  readonly #libc: Libc;
  readonly #symbols: UnixSymbols;
  /** -1 once closed, so that late calls do not use a reused descriptor. */
  #fd: number;
  #wait: Promise<boolean> | undefined;

  private constructor(fd: number) {
    this.#libc = libc();
    this.#symbols = unixSymbols();
    this.#fd = fd;
  }

  /**
   * Opens a socket: `socket(AF_UNIX, … | SOCK_CLOEXEC, 0)`.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  static open(kind: keyof typeof KINDS): UnixSocket {
    const fd = libc().socket(AF_UNIX, KINDS[kind] | SOCK_CLOEXEC, 0);
    if (fd < 0) throw systemCallError("open a Unix socket");
    // struct timeval: seconds, microseconds
    const time = new Uint8Array(new BigInt64Array([SEND_TIMEOUT_S, 0n]).buffer);
    libc().setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, time, time.length);
    return new UnixSocket(fd);
  }

  /** Descriptor, to pass it on. */
  get descriptor(): number {
    return this.#fd;
  }

  /**
   * Binds to an address; only this user may connect to a file (mode 0600).
   *
   * @param address Absolute path, or `@` and a name.
   * @throws {NetlinkError} If the kernel refuses.
   */
  bind(address: string): void {
    const bytes = sockaddrUn(address);
    // Linux creates the file with the socket's own mode: there is no moment with a wider one.
    this.#symbols.fchmod(this.#fd, 0o600);
    if (this.#libc.bind(this.#fd, bytes, bytes.length) < 0) {
      throw systemCallError(`make the Unix socket ${address}`);
    }
  }

  /**
   * Sets how many bytes wait at most until the peer receives them. The kernel takes twice as much, for
   * its own use, of what `net.core.wmem_max` allows.
   */
  setSendBuffer(size: number): void {
    const bytes = new Uint8Array(new Int32Array([size]).buffer);
    this.#libc.setsockopt(this.#fd, SOL_SOCKET, SO_SNDBUF, bytes, bytes.length);
  }

  /** Listens for connections. */
  listen(): void {
    if (this.#symbols.listen(this.#fd, 4) < 0) throw systemCallError("listen on a Unix socket");
  }

  /** Accepts a pending connection; undefined if there is none. */
  accept(): UnixSocket | undefined {
    const fd = this.#symbols.accept4(this.#fd, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) return new UnixSocket(fd);
    const errno = lastErrno();
    if (errno === ERRNO.EAGAIN || errno === ERRNO.EINTR) return undefined;
    throw systemCallError("take a connection on a Unix socket", errno);
  }

  /**
   * Connects.
   *
   * @throws {NetlinkError} If no process listens there, or the system denies the connection.
   */
  connect(address: string): void {
    const bytes = sockaddrUn(address);
    if (this.#libc.connect(this.#fd, bytes, bytes.length) < 0) {
      throw systemCallError(`connect to ${address}`);
    }
  }

  /** Credentials of the peer of a connection. */
  get peer(): Peer {
    const words = new Uint32Array(3);
    const length = new Uint8Array(new Uint32Array([12]).buffer);
    const bytes = new Uint8Array(words.buffer);
    if (this.#libc.getsockopt(this.#fd, SOL_SOCKET, SO_PEERCRED, bytes, length) < 0) {
      throw systemCallError("ask who is at the other end of a Unix socket");
    }
    return { pid: words[0]!, uid: words[1]!, gid: words[2]! };
  }

  /**
   * Sends one message.
   *
   * @param bytes Message of at least one byte.
   * @param descriptors Descriptors to pass on; they stay open here, too.
   * @param options Destination, unless connected; and whether it may block a second for room.
   * @throws {NetlinkError} If the kernel refuses; `EAGAIN` without room.
   */
  send(
    bytes: Uint8Array<ArrayBuffer>,
    descriptors: readonly number[] = [],
    { to, mayWait = true }: { to?: string; mayWait?: boolean } = {},
  ): void {
    const name = to === undefined ? new Uint8Array(0) : sockaddrUn(to);
    const header = this.#header({ name, data: bytes, control: rightsMessage(descriptors) });
    const flags = MSG_NOSIGNAL | (mayWait ? 0 : MSG_DONTWAIT);
    for (;;) {
      if (Number(this.#symbols.sendmsg(this.#fd, header.bytes, flags)) >= 0) return;
      const errno = lastErrno();
      if (errno !== ERRNO.EINTR) throw systemCallError("send to a Unix socket", errno);
    }
  }

  /**
   * Receives one message without blocking.
   *
   * @param size Limit of the message, in bytes; the rest of a longer one is lost.
   * @param data Memory for it.
   * @returns Message; undefined if there is none.
   * @throws {NetlinkError} If the kernel refuses, or could not pass on all descriptors.
   */
  receive(size = 65536, data = new Uint8Array(size)): UnixMessage | undefined {
    const header = this.#header({ name: new Uint8Array(0), data, control: controlRoom() });
    const flags = MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
    for (;;) {
      const length = Number(this.#symbols.recvmsg(this.#fd, header.bytes, flags));
      if (length >= 0) return this.#message(data.subarray(0, length), header);
      const errno = lastErrno();
      if (errno === ERRNO.EAGAIN) return undefined;
      // ECONNRESET: the peer closed with unread data, which is an end, too.
      if (errno === ERRNO.ECONNRESET) return { bytes: new Uint8Array(0), descriptors: [] };
      if (errno !== ERRNO.EINTR) throw systemCallError("receive from a Unix socket", errno);
    }
  }

  /**
   * Waits until a message or connection can be received.
   *
   * @param timeoutMs Longest duration, in milliseconds.
   * @returns Whether it can.
   */
  wait(timeoutMs: number): Promise<boolean> {
    return this.#wait ??= this.#poll(Math.max(0, Math.ceil(timeoutMs)));
  }

  /** Closes the socket once a wait has ended. */
  async close(): Promise<void> {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    await this.#wait;
    this.#libc.close(fd);
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #header(buffers: ConstructorParameters<typeof MessageHeader>[0]): MessageHeader {
    return new MessageHeader(buffers, ({ buffer, byteOffset, length }) => {
      // V8 may move small arrays until their buffer is used.
      const bytes = new Uint8Array(buffer, byteOffset, length);
      return this.#symbols.addressOf(bytes, bytes, 0n);
    });
  }

  #message(bytes: Uint8Array<ArrayBuffer>, header: MessageHeader): UnixMessage {
    const descriptors = descriptorsIn(header.control);
    if ((header.flags & MSG_CTRUNC) !== 0) {
      for (const fd of descriptors) this.#libc.close(fd);
      throw systemCallError("take all descriptors of a message", ERRNO.EMFILE);
    }
    return { bytes, descriptors };
  }

  async #poll(timeoutMs: number): Promise<boolean> {
    const fds = new PollFds([this.#fd]);
    await this.#libc.poll(fds.bytes, 1n, timeoutMs);
    this.#wait = undefined;
    return fds.ready(0);
  }
}
