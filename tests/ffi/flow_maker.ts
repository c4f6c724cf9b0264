/**
 * Makes flows for connection tracking: each UDP datagram goes to another address and port of
 * loopback, where no socket listens.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import { systemCallError } from "../../ffi/netlink_socket.ts";

/** `AF_INET` (linux/socket.h) */
const AF_INET = 2;
/** `SOCK_DGRAM | SOCK_CLOEXEC` (linux/net.h) */
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
/** Ports of each address. */
const PORTS = 50_000;
const FIRST_PORT = 10_000;

/** Makes flows one after the other. */
export class FlowMaker implements Disposable {
  /** Number of flows so far. */
  made = 0;
  readonly #fd: number;
  readonly #datagram = new Uint8Array(1);
  /** `struct sockaddr_in` (linux/in.h): `u16 sin_family`, `be16 sin_port`, `be32 sin_addr`, padding. */
  readonly #to = new DataView(new ArrayBuffer(16));

  /**
   * Opens a socket.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  constructor() {
    this.#fd = libc().socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    if (this.#fd < 0) throw systemCallError("open a UDP socket");
    this.#to.setUint16(0, AF_INET, true);
  }

  /** Makes flows; each begins with a packet of 29 bytes. */
  make(count: number): void {
    const to = new Uint8Array(this.#to.buffer);
    for (let n = 0; n < count; n++, this.made++) {
      this.#to.setUint16(2, FIRST_PORT + this.made % PORTS);
      this.#to.setUint32(4, 0x7f000001 + Math.floor(this.made / PORTS));
      const sent = libc().sendto(this.#fd, this.#datagram, 1n, 0, to, to.length);
      if (Number(sent) < 0) throw systemCallError("send a UDP datagram");
    }
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    libc().close(this.#fd);
  }
}
