/**
 * Encodes C structures. Deno only exists for little-endian Linux (x86-64 and arm64, both LP64),
 * where the layouts are equal.
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
  /** `POLLOUT` (poll.h) */
  static readonly POLLOUT = 4;
  readonly #halves: Uint16Array;
  /** Encoded structures. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Number of descriptors. */
  readonly count: number;

  /**
   * Creates the array.
   *
   * @param descriptors The descriptors.
   * @param events Requested events of each.
   */
  constructor(descriptors: readonly number[], events: number = PollFds.POLLIN) {
    const words = new Int32Array(descriptors.length * 2);
    this.bytes = new Uint8Array(words.buffer);
    this.#halves = new Uint16Array(words.buffer);
    this.count = descriptors.length;
    descriptors.forEach((fd, index) => {
      words[index * 2] = fd;
      this.#halves[index * 4 + 2] = events;
    });
  }

  /** Returns whether the last poll found a requested event, or a failure, at the descriptor. */
  ready(index: number): boolean {
    return this.#halves[index * 4 + 3] !== 0;
  }
}
