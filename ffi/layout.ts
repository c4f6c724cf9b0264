/**
 * Encodes C structures. Deno only exists for little-endian Linux (x86-64 and arm64, both LP64),
 * where the layouts are equal.
 *
 * @module
 */

import { addressOf } from "./address.ts";

/** `AF_NETLINK` (linux/socket.h) */
export const AF_NETLINK = 16;

/**
 * `struct sockaddr_nl` (linux/netlink.h), 12 bytes: `u16 nl_family`,
 * `u16 nl_pad`, `u32 nl_pid`, `u32 nl_groups`.
 */
export class SockaddrNl {
  /** `sizeof(struct sockaddr_nl)` */
  static readonly SIZE = 12;
  readonly #words = new Uint32Array(3);
  /** Encoded structure. */
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(this.#words.buffer);

  /** Creates an address; port id 0 is the kernel, or any free one in `bind`. */
  constructor(portId = 0, groups = 0) {
    this.#words[0] = AF_NETLINK;
    this.#words[1] = portId;
    this.#words[2] = groups;
  }

  /** `nl_pid`: the port id, 0 for the kernel. */
  get portId(): number {
    return this.#words[1]!;
  }
}

/**
 * Array of `struct pollfd` (poll.h), 8 bytes each: `int fd`, `short events`, `short revents`.
 * Requests `POLLIN` for each.
 */
export class PollFds {
  /** `POLLIN` (poll.h) */
  static readonly POLLIN = 1;
  readonly #halves: Uint16Array;
  /** Encoded structures. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Number of descriptors. */
  readonly count: number;

  /** Creates the array. */
  constructor(descriptors: readonly number[]) {
    const words = new Int32Array(descriptors.length * 2);
    this.bytes = new Uint8Array(words.buffer);
    this.#halves = new Uint16Array(words.buffer);
    this.count = descriptors.length;
    descriptors.forEach((fd, index) => {
      words[index * 2] = fd;
      this.#halves[index * 4 + 2] = PollFds.POLLIN;
    });
  }

  /** Returns whether the last poll found the descriptor readable or failed. */
  ready(index: number): boolean {
    return this.#halves[index * 4 + 3] !== 0;
  }
}

/** `AF_INET` (linux/socket.h) */
export const AF_INET = 2;

/**
 * Encodes a `struct sockaddr_in` (linux/in.h), 16 bytes: `u16 sin_family`, `be16 sin_port`, `be32
 * sin_addr`, 8 bytes of padding.
 *
 * @param address Address, as in `127.0.0.1`.
 * @param port 0 to 65535.
 */
export function sockaddrIn(address: string, port: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port);
  address.split(".").forEach((byte, index) => view.setUint8(4 + index, Number(byte)));
  return new Uint8Array(view.buffer);
}

/** `sizeof(struct mmsghdr)` (sys/socket.h): a `msghdr` of 56 bytes, `unsigned msg_len`, padding. */
const MMSGHDR_SIZE = 64;

/**
 * Encodes an array of `struct mmsghdr` (sys/socket.h) whose messages are all the same datagram, for
 * a connected socket.
 *
 * @param datagram Datagram, which must stay referenced while the array is used.
 * @param count Number of messages.
 * @returns Array, and the `struct iovec` that it points to: both must stay referenced.
 */
export function sameMessages(
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
