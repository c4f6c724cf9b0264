/**
 * Packet generator for tests and benchmarks: sends the same UDP datagram repeatedly, many in each
 * system call.
 *
 * @module
 */

import { addressOf } from "../../ffi/address.ts";
import { libc, openSymbols } from "../../ffi/libc.ts";
import { systemCallError } from "../../ffi/netlink_socket.ts";

const SYMBOLS = {
  /** `int sendmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags)` (sys/socket.h) */
  sendmmsg: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** `AF_INET` (linux/socket.h) */
const AF_INET = 2;
/** `SOCK_DGRAM | SOCK_CLOEXEC` (linux/net.h) */
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
/** Messages in a system call; the kernel's limit is 1024 (`UIO_MAXIOV`). */
const BURST = 64;
/** `sizeof(struct mmsghdr)` (sys/socket.h): a `msghdr` of 56 bytes, `unsigned msg_len`, padding. */
const MMSGHDR_SIZE = 64;
/** Interval of bursts at a limited rate, in milliseconds. */
const TURN_MS = 1;

/** Never woken: used to sleep. */
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Sends UDP datagrams as fast as one core can, or at a rate. */
export class UdpSender implements Disposable {
  readonly #sendmmsg = openSymbols(SYMBOLS).sendmmsg;
  readonly #fd: number;
  /** Port of random addresses; undefined for one destination. */
  readonly #scattered: number | undefined;

  /**
   * Opens a socket for one destination, or for random addresses of this host.
   *
   * @param address As in `127.0.0.1`; undefined for random ones of 127.0.0.0/8.
   * @param port 0 to 65535.
   * @throws {NetlinkError} If the kernel refuses.
   */
  constructor(address: string | undefined, port: number) {
    this.#fd = libc().socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    if (this.#fd < 0) throw systemCallError("open a UDP socket");
    this.#scattered = address === undefined ? port : undefined;
    if (address === undefined) return;
    const to = sockaddrIn(address, port);
    if (libc().connect(this.#fd, to, to.length) < 0) {
      throw systemCallError(`connect a UDP socket to ${address}`);
    }
  }

  /**
   * Sends datagrams.
   *
   * @param count Number of datagrams.
   * @param size Bytes of data in each; the packet is 28 bytes longer.
   * @param rate Datagrams a second at the most. A delayed sender catches up.
   */
  send(count: number, size: number, rate = Infinity): void {
    const datagram = new Uint8Array(new ArrayBuffer(size));
    const { messages, iovec } = sameMessages(datagram, BURST);
    const burst = Math.max(1, Math.min(BURST, Math.floor(rate * TURN_MS / 1000)));
    const names = this.#scattered === undefined
      ? undefined
      : nameMessages(messages, BURST, this.#scattered);
    const start = performance.now();
    for (let sent = 0; sent < count;) {
      if (names !== undefined) scatter(names);
      const earlyMs = start + sent / rate * 1000 - performance.now();
      if (earlyMs > 0) Atomics.wait(sleeper, 0, 0, earlyMs);
      const now = this.#sendmmsg(this.#fd, messages, Math.min(burst, count - sent), 0);
      if (now < 0) throw systemCallError("send UDP datagrams");
      sent += now;
    }
    // Both must stay referenced during the calls, which use their addresses.
    void [datagram, iovec, names];
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    libc().close(this.#fd);
  }
}

/**
 * Gives each message an address of its own.
 *
 * @returns The addresses, each a `struct sockaddr_in`, which must stay referenced.
 */
function nameMessages(
  messages: Uint8Array<ArrayBuffer>,
  count: number,
  port: number,
): Uint8Array<ArrayBuffer> {
  const names = new Uint8Array(16 * count);
  const view = new DataView(messages.buffer);
  const start = addressOf(names);
  for (let index = 0; index < count; index++) {
    names.set(sockaddrIn("127.0.0.1", port), 16 * index);
    // struct msghdr: void *msg_name, socklen_t msg_namelen
    view.setBigUint64(index * MMSGHDR_SIZE, start + BigInt(16 * index), true);
    view.setUint32(index * MMSGHDR_SIZE + 8, 16, true);
  }
  return names;
}

/** Puts random addresses of 127.0.0.0/8 into the names of messages. */
function scatter(names: Uint8Array): void {
  for (let at = 0; at < names.length; at += 16) {
    const random = Math.random() * 0x100_0000;
    names[at + 5] = random >> 16;
    names[at + 6] = random >> 8;
    // Neither 127.0.0.0 nor the broadcast address.
    names[at + 7] = 1 + (random & 0xff) % 254;
  }
}

/**
 * Encodes a `struct sockaddr_in` (linux/in.h), 16 bytes: `u16 sin_family`, `be16 sin_port`, `be32
 * sin_addr`, 8 bytes of padding.
 *
 * @param address Address, as in `127.0.0.1`.
 * @param port 0 to 65535.
 */
function sockaddrIn(address: string, port: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  address.split(".").forEach((byte, index) => view.setUint8(4 + index, Number(byte)));
  return new Uint8Array(view.buffer);
}

/**
 * Encodes an array of `struct mmsghdr` (sys/socket.h) whose messages are all the same datagram, for
 * a connected socket.
 *
 * @param datagram Datagram, which must stay referenced while the array is used.
 * @param count Number of messages.
 * @returns Array, and the `struct iovec` that it points to: both must stay referenced.
 */
function sameMessages(
  datagram: Uint8Array<ArrayBuffer>,
  count: number,
): { messages: Uint8Array<ArrayBuffer>; iovec: Uint8Array<ArrayBuffer> } {
  // struct iovec (sys/uio.h): void *iov_base, size_t iov_len
  const iovec = new DataView(new ArrayBuffer(16));
  iovec.setBigUint64(0, addressOf(datagram), true);
  iovec.setBigUint64(8, BigInt(datagram.length), true);
  const iovecBytes = new Uint8Array(iovec.buffer);
  const messages = new DataView(new ArrayBuffer(MMSGHDR_SIZE * count));
  for (let index = 0; index < count; index++) {
    // struct msghdr: msg_name, msg_namelen and padding, msg_iov at 16, msg_iovlen at 24, …
    messages.setBigUint64(index * MMSGHDR_SIZE + 16, addressOf(iovecBytes), true);
    messages.setBigUint64(index * MMSGHDR_SIZE + 24, 1n, true);
  }
  return { messages: new Uint8Array(messages.buffer), iovec: iovecBytes };
}
