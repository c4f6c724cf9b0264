/**
 * C structures as bytes. Deno exists for little-endian Linux only (x86-64 and
 * arm64, both LP64), and the layouts are the same on both.
 *
 * @module
 */

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
  /** The bytes to hand to the C library. */
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(this.#words.buffer);

  /** Makes an address; port id 0 is the kernel, or "choose one for me" in `bind`. */
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
 * An array of `struct pollfd` (poll.h), 8 bytes each: `int fd`,
 * `short events`, `short revents`. Asks for `POLLIN` on each.
 */
export class PollFds {
  /** `POLLIN` (poll.h) */
  static readonly POLLIN = 1;
  readonly #halves: Uint16Array;
  /** The bytes to hand to the C library. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many descriptors there are. */
  readonly count: number;

  /** Makes the array for these descriptors. */
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

  /** Whether the last poll found the descriptor readable or failed. */
  ready(index: number): boolean {
    return this.#halves[index * 4 + 3] !== 0;
  }
}
