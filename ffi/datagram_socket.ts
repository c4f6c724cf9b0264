/** Sockets that send datagrams: UDP (udp(7)) and Unix sockets (unix(7)). */

import { ERRNO, lastErrno } from "./errno.ts";
import { PollFds } from "./layout.ts";
import { type Libc, libc, openSymbols } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";
import { AF_UNIX, sockaddrUn } from "./unix_layout.ts";

/** `SOCK_DGRAM`, `SOCK_CLOEXEC` and `SOCK_NONBLOCK` (linux/net.h) */
const KIND = 2 | 0o2000000 | 0o4000;
/** Interval of attempts while a network device has no room, in milliseconds. */
const FULL_MS = 5;
/** Longest wait for room, in milliseconds. */
const WAIT_MS = 200;
/** `MSG_NOSIGNAL` (linux/socket.h) */
const MSG_NOSIGNAL = 0x4000;

/**
 * `struct addrinfo` (netdb.h): `int ai_flags, ai_family, ai_socktype, ai_protocol`, `u32 ai_addrlen`,
 * padding, `struct sockaddr *ai_addr`, `char *ai_canonname`, `struct addrinfo *ai_next`.
 */
const ADDRINFO_SIZE = 48;
/** `sizeof(struct sockaddr_in6)` (linux/in6.h), which is longer than `struct sockaddr_in` */
const SOCKADDR_MOST = 28;
/** `AI_ADDRCONFIG` (netdb.h): families of which this host has an address */
const AI_ADDRCONFIG = 0x20;
/** `EAI_ADDRFAMILY`, `EAI_AGAIN`, `EAI_NODATA` and `EAI_NONAME` of glibc (netdb.h) */
const UNRESOLVED: Readonly<Record<number, string>> = {
  [-9]: "it has no address of a family that this host has",
  [-3]: "the name server does not answer",
  [-5]: "the name has no address",
  [-2]: "there is no host of that name",
};

const SYMBOLS = {
  /** `int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)` (netdb.h) */
  getaddrinfo: {
    parameters: ["buffer", "buffer", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  /** `void freeaddrinfo(struct addrinfo *res)` (netdb.h) */
  freeaddrinfo: { parameters: ["u64"], result: "void" },
  /** `void *memcpy(void *dest, const void *src, size_t n)` (string.h), from an address */
  copyFrom: { name: "memcpy", parameters: ["buffer", "u64", "usize"], result: "u64" },
} as const satisfies Deno.ForeignLibraryInterface;

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;
const symbols = () => opened ??= openSymbols(SYMBOLS);

/** Address of a socket. */
interface Address {
  family: number;
  /** `struct sockaddr` of that family. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** Connected socket for datagrams. */
export class DatagramSocket implements Disposable {
  readonly #libc: Libc = libc();
  /** -1 once closed, so that late calls do not use a reused descriptor. */
  #fd: number;
  /** Whether poll(2) tells when there is room again. */
  #isPollable = false;
  /** The wait in progress: a descriptor is not closed under poll(2). */
  #wait: Promise<number> | undefined;

  private constructor({ family, bytes }: Address, name: string) {
    this.#fd = this.#libc.socket(family, KIND, 0);
    if (this.#fd < 0) throw systemCallError("open a socket");
    if (this.#libc.connect(this.#fd, bytes, bytes.length) < 0) {
      const error = systemCallError(`connect to ${name}`);
      this.close();
      throw error;
    }
  }

  /**
   * Connects to a Unix socket.
   *
   * @param path Absolute path.
   * @throws {NetlinkError} If the kernel refuses.
   */
  static toPath(path: string): DatagramSocket {
    return new DatagramSocket({ family: AF_UNIX, bytes: sockaddrUn(path) }, path);
  }

  /**
   * Connects a UDP socket.
   *
   * @param host Name or address; names are looked up as getaddrinfo(3) does.
   * @param port UDP port.
   * @throws {Error} If the name has no address; the message fits behind a colon.
   * @throws {NetlinkError} If the kernel refuses.
   */
  static async toHost(host: string, port: number): Promise<DatagramSocket> {
    return new DatagramSocket(await lookUp(host, port), host);
  }

  /**
   * Sends a datagram.
   *
   * @returns Whether there was room for it.
   * @throws {NetlinkError} If the kernel refuses it.
   */
  send(bytes: Uint8Array): boolean {
    const NO_ADDRESS = new Uint8Array(0);
    for (;;) {
      const sent = this.#libc.sendto(
        this.#fd,
        bytes as Uint8Array<ArrayBuffer>,
        BigInt(bytes.length),
        MSG_NOSIGNAL,
        NO_ADDRESS,
        0,
      );
      if (Number(sent) >= 0) return true;
      const errno = lastErrno();
      // ENOBUFS: a network device has no room, which poll(2) does not tell.
      this.#isPollable = errno === ERRNO.EAGAIN;
      if (errno === ERRNO.EAGAIN || errno === ERRNO.ENOBUFS) return false;
      if (errno !== ERRNO.EINTR) throw systemCallError("send a datagram", errno);
    }
  }

  /** Waits for room after {@linkcode send} found none, for a moment at the most. */
  async waitForRoom(): Promise<void> {
    if (!this.#isPollable) return await new Promise((resolve) => setTimeout(resolve, FULL_MS));
    const fds = new PollFds([this.#fd], PollFds.POLLOUT);
    this.#wait = this.#libc.poll(fds.bytes, 1n, WAIT_MS);
    await this.#wait;
    this.#wait = undefined;
  }

  /** Closes the socket, once a wait has ended. */
  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd < 0) return;
    if (this.#wait === undefined) this.#libc.close(fd);
    else this.#wait.then(() => this.#libc.close(fd));
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Returns the first address of a host. */
async function lookUp(host: string, port: number): Promise<Address> {
  const c = symbols();
  const hints = new Int32Array(ADDRINFO_SIZE / 4);
  hints.set([/\d$|:/.test(host) ? 0 : AI_ADDRCONFIG, 0, 2]);
  const list = new BigUint64Array(1);
  const text = (value: string) => new TextEncoder().encode(`${value}\0`);
  const answer = await c.getaddrinfo(
    text(host),
    text(String(port)),
    new Uint8Array(hints.buffer),
    new Uint8Array(list.buffer),
  );
  if (answer !== 0) {
    throw new Error(UNRESOLVED[answer] ?? `the name cannot be looked up (error ${answer})`);
  }
  const head = list[0]!;
  try {
    const info = new DataView(new ArrayBuffer(ADDRINFO_SIZE));
    c.copyFrom(new Uint8Array(info.buffer), head, BigInt(ADDRINFO_SIZE));
    const length = Math.min(info.getUint32(16, true), SOCKADDR_MOST);
    const bytes = new Uint8Array(length);
    c.copyFrom(bytes, info.getBigUint64(24, true), BigInt(length));
    return { family: info.getInt32(4, true), bytes };
  } finally {
    c.freeaddrinfo(head);
  }
}
