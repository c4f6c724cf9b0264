/**
 * Packet generator for tests and benchmarks: sends the same UDP datagram repeatedly, many in each
 * system call.
 *
 * @module
 */

import { AF_INET, sameMessages, sockaddrIn } from "../../ffi/layout.ts";
import { type Libc, libc } from "../../ffi/libc.ts";
import { systemCallError } from "../../ffi/netlink_socket.ts";

/** `SOCK_DGRAM | SOCK_CLOEXEC` (linux/net.h) */
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
/** Messages in a system call; the kernel's limit is 1024 (`UIO_MAXIOV`). */
const BURST = 64;
/** Interval of bursts at a limited rate, in milliseconds. */
const TURN_MS = 1;

/** Never woken: used to sleep. */
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Sends UDP datagrams as fast as one core can, or at a rate. */
export class UdpSender implements Disposable {
  readonly #libc: Libc;
  readonly #fd: number;

  /**
   * Opens a socket for one destination.
   *
   * @param address As in `127.0.0.1`.
   * @param port 0 to 65535.
   * @throws {NetlinkError} If the kernel refuses.
   */
  constructor(address: string, port: number) {
    this.#libc = libc();
    this.#fd = this.#libc.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    if (this.#fd < 0) throw systemCallError("open a UDP socket");
    const to = sockaddrIn(address, port);
    if (this.#libc.connect(this.#fd, to, to.length) < 0) {
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
    const start = performance.now();
    for (let sent = 0; sent < count;) {
      const earlyMs = start + sent / rate * 1000 - performance.now();
      if (earlyMs > 0) Atomics.wait(sleeper, 0, 0, earlyMs);
      const now = this.#libc.sendmmsg(this.#fd, messages, Math.min(burst, count - sent), 0);
      if (now < 0) throw systemCallError("send UDP datagrams");
      sent += now;
    }
    // Both must stay referenced during the calls, which use their addresses.
    void [datagram, iovec];
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    this.#libc.close(this.#fd);
  }
}
