/** Pairs of connected sockets that preserve message boundaries (socketpair(2)), and pipes. */

import { ERRNO, lastErrno } from "./errno.ts";
import { lazySymbols, libc } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";
import { AF_UNIX } from "./unix_layout.ts";

const SYMBOLS = {
  /** `int socketpair(int domain, int type, int protocol, int sv[2])` (sys/socket.h) */
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  /** `int pipe2(int pipefd[2], int flags)` (unistd.h) */
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `SOCK_SEQPACKET | SOCK_CLOEXEC` (linux/net.h) */
const SOCK_SEQPACKET_CLOEXEC = 5 | 0o2000000;
/** `O_CLOEXEC | O_NONBLOCK` (asm-generic/fcntl.h) */
const O_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;
/** `MSG_DONTWAIT`, `MSG_NOSIGNAL` and `MSG_TRUNC` (linux/socket.h) */
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_TRUNC = 0x20;

/** One end of a pair. */
export class MessageSocket implements Disposable {
  readonly descriptor: number;
  readonly #buffer: Uint8Array<ArrayBuffer>;

  /**
   * Adopts an end.
   *
   * @param longest Limit of received messages, in bytes.
   */
  constructor(descriptor: number, longest: number) {
    this.descriptor = descriptor;
    this.#buffer = new Uint8Array(longest);
  }

  /**
   * Receives a message.
   *
   * @param mayBlock Whether to block this thread until there is one.
   * @returns Message, valid until the next call; "nothing" if none is queued, "closed" if the peer is closed,
   * "too long" for a message that was dropped.
   */
  receive(mayBlock = false): Uint8Array<ArrayBuffer> | "nothing" | "closed" | "too long" {
    const flags = MSG_TRUNC | (mayBlock ? 0 : MSG_DONTWAIT);
    for (;;) {
      const size = BigInt(this.#buffer.length);
      const length = Number(
        libc().recvfrom(this.descriptor, this.#buffer, size, flags, null, null),
      );
      if (length > this.#buffer.length) return "too long";
      if (length > 0) return this.#buffer.subarray(0, length);
      if (length === 0) return "closed";
      const errno = lastErrno();
      if (errno === ERRNO.EAGAIN) return "nothing";
      if (errno !== ERRNO.EINTR) return "closed";
    }
  }

  /**
   * Sends a message.
   *
   * @param mayBlock Whether to block this thread until there is room.
   * @returns Whether it was sent; false without room, or if the peer is closed.
   */
  send(bytes: Uint8Array<ArrayBuffer>, mayBlock = false): boolean {
    const flags = MSG_NOSIGNAL | (mayBlock ? 0 : MSG_DONTWAIT);
    for (;;) {
      const size = BigInt(bytes.length);
      if (Number(libc().sendto(this.descriptor, bytes, size, flags, null, 0)) >= 0) return true;
      if (lastErrno() !== ERRNO.EINTR) return false;
    }
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    libc().close(this.descriptor);
  }
}

/**
 * Creates two connected sockets.
 *
 * @returns Descriptors, closed in programs that are started.
 * @throws {NetlinkError} If the kernel refuses.
 */
export function makeSocketPair(): [one: number, other: number] {
  const pair = new Int32Array(2);
  const bytes = new Uint8Array(pair.buffer);
  if (symbols().socketpair(AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, bytes) < 0) {
    throw systemCallError("make a pair of sockets");
  }
  return [pair[0]!, pair[1]!];
}

/**
 * Creates a pipe whose ends do not block.
 *
 * @returns Descriptors, closed in programs that are started.
 * @throws {NetlinkError} If the kernel refuses.
 */
export function makePipe(): [readEnd: number, writeEnd: number] {
  const pair = new Int32Array(2);
  if (symbols().pipe2(new Uint8Array(pair.buffer), O_CLOEXEC_NONBLOCK) < 0) {
    throw systemCallError("make a pipe");
  }
  return [pair[0]!, pair[1]!];
}
