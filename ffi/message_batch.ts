/** Receives several small datagrams in one system call: recvmmsg(2). */

import { Copier } from "../src/bytes/write.ts";
import { ERRNO, lastErrno } from "./errno.ts";
import { SockaddrNl } from "./layout.ts";
import { lazySymbols } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

/** `MSG_TRUNC` and `MSG_DONTWAIT` (linux/socket.h) */
const FLAGS = 0x20 | 0x40;

/** `sizeof(struct mmsghdr)` (sys/socket.h): a `msghdr` of 56 bytes, `unsigned msg_len`, padding. */
const MMSGHDR_WORDS = 16;
/** Words of `struct msghdr` (sys/socket.h): `msg_name`, `msg_namelen`, `msg_iov`, `msg_iovlen`. */
const NAME = 0;
const NAME_LENGTH = 2;
const IOVEC = 4;
const IOVEC_COUNT = 6;
/** `msg_len` */
const LENGTH = 14;
/** `sizeof(struct iovec)` (sys/uio.h): `void *iov_base`, `size_t iov_len` */
const IOVEC_SIZE = 16;

const SYMBOLS = {
  /** `int recvmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags, struct timespec *timeout)` (sys/socket.h) */
  recvmmsg: { parameters: ["i32", "buffer", "u32", "i32", "pointer"], result: "i32" },
  /**
   * Returns the address of a buffer: `memcpy` returns its first argument. Deno's own function needs
   * the FFI right without a path.
   */
  addressOf: { name: "memcpy", parameters: ["buffer", "buffer", "usize"], result: "u64" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** Loads the symbols, before the right for that is given up. */
export function loadBatchSymbols(): void {
  symbols();
}

/** Returns the address of a buffer, which must stay referenced while the address is used. */
export function bufferAddress(bytes: Uint8Array<ArrayBuffer>): bigint {
  return symbols().addressOf(bytes, bytes, 0n);
}

/** Memory for the datagrams of one system call. */
export class MessageBatch {
  /** Number of datagrams that it holds at most. */
  readonly capacity: number;
  readonly #size: number;
  readonly #memory: Uint8Array<ArrayBuffer>;
  /** The same memory, in words. */
  readonly #content: Uint32Array<ArrayBuffer>;
  readonly #names: Uint32Array<ArrayBuffer>;
  readonly #iovecs: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #messages: Uint8Array<ArrayBuffer>;
  readonly #copier = new Copier();

  /**
   * Reserves memory; the system provides pages when they are used.
   *
   * @param capacity Number of datagrams.
   * @param size Size of the largest datagram, in bytes, a multiple of 4.
   */
  constructor(capacity: number, size: number) {
    this.capacity = capacity;
    this.#size = size;
    this.#memory = new Uint8Array(capacity * size);
    this.#content = new Uint32Array(this.#memory.buffer);
    this.#names = new Uint32Array(capacity * SockaddrNl.SIZE / 4);
    this.#iovecs = new Uint8Array(capacity * IOVEC_SIZE);
    this.#words = new Uint32Array(capacity * MMSGHDR_WORDS);
    this.#messages = new Uint8Array(this.#words.buffer);
    const memory = bufferAddress(this.#memory);
    const names = bufferAddress(new Uint8Array(this.#names.buffer));
    const iovecs = bufferAddress(this.#iovecs);
    const [iovec, message] = [this.#iovecs, this.#messages].map(({ buffer }) =>
      new DataView(buffer)
    ) as [DataView, DataView];
    for (let n = 0; n < capacity; n++) {
      iovec.setBigUint64(n * IOVEC_SIZE, memory + BigInt(n * size), true);
      iovec.setBigUint64(n * IOVEC_SIZE + 8, BigInt(size), true);
      const at = n * MMSGHDR_WORDS;
      message.setBigUint64((at + NAME) * 4, names + BigInt(n * SockaddrNl.SIZE), true);
      message.setBigUint64((at + IOVEC) * 4, iovecs + BigInt(n * IOVEC_SIZE), true);
      message.setBigUint64((at + IOVEC_COUNT) * 4, 1n, true);
    }
  }

  /**
   * Receives queued datagrams without blocking.
   *
   * @param descriptor Netlink socket.
   * @returns Number of datagrams; 0 if none is queued.
   * @throws {NetlinkError} If the kernel reports another error than an empty queue.
   */
  receive(descriptor: number): number {
    for (let n = 0; n < this.capacity; n++) {
      // The kernel replaces it by the length of the sender's address.
      this.#words[n * MMSGHDR_WORDS + NAME_LENGTH] = SockaddrNl.SIZE;
    }
    for (;;) {
      const count = symbols().recvmmsg(descriptor, this.#messages, this.capacity, FLAGS, null);
      if (count > 0) return count;
      const errno = lastErrno();
      if (errno === ERRNO.EAGAIN) return 0;
      if (errno !== ERRNO.EINTR) throw systemCallError("receive from a netlink socket", errno);
    }
  }

  /** Length of a datagram in bytes, more than the size if it was cut. */
  lengthOf(index: number): number {
    return this.#words[index * MMSGHDR_WORDS + LENGTH]!;
  }

  /** Port id of a datagram's sender; 0 is the kernel. */
  portIdOf(index: number): number {
    // struct sockaddr_nl: family and padding, port id, groups
    return this.#names[index * SockaddrNl.SIZE / 4 + 1]!;
  }

  /** Returns a word of a datagram, by its index. */
  wordOf(index: number, word: number): number {
    return this.#content[(index * this.#size >> 2) + word]!;
  }

  /**
   * Copies a datagram word by word, with what fills its last word: a small one takes less time so.
   *
   * @param out Destination, which has room for it.
   * @param at Index of the first word.
   */
  copyWords(index: number, out: Uint32Array, at: number): void {
    const content = this.#content;
    const start = index * this.#size >> 2;
    const count = Math.min(this.lengthOf(index), this.#size) + 3 >> 2;
    for (let i = 0; i < count; i++) out[at + i] = content[start + i]!;
  }

  /** Copies a datagram to an offset. */
  copyTo(index: number, out: Uint8Array, at: number): void {
    const length = Math.min(this.lengthOf(index), this.#size, out.length - at);
    this.#copier.copy(out, at, this.#memory, index * this.#size, length);
  }
}
