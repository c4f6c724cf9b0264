/**
 * Waits for sockets without using CPU: one `poll` on a thread of Deno's pool, which an eventfd can
 * end.
 */

import { PollFds } from "./layout.ts";
import { type Libc, libc } from "./libc.ts";
import { type NetlinkSocket, systemCallError } from "./netlink_socket.ts";

/** `EFD_CLOEXEC | EFD_NONBLOCK` (sys/eventfd.h) */
const EFD_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;

/**
 * Waits until one of several sockets is readable. Concurrent callers share one poll.
 */
export class Poller implements AsyncDisposable {
  readonly #libc: Libc;
  readonly #sockets: readonly NetlinkSocket[];
  readonly #wakeFd: number;
  readonly #fds: PollFds;
  #inFlight: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Creates a poller.
   *
   * @param sockets Sockets to wait for.
   * @throws {NetlinkError} If the kernel refuses an eventfd.
   */
  constructor(sockets: readonly NetlinkSocket[]) {
    this.#libc = libc();
    this.#sockets = sockets;
    this.#wakeFd = this.#libc.eventfd(0, EFD_CLOEXEC_NONBLOCK);
    if (this.#wakeFd < 0) throw systemCallError("make an eventfd");
    this.#fds = new PollFds([this.#wakeFd, ...sockets.map((socket) => socket.descriptor)]);
  }

  /**
   * Waits until a socket is readable, {@linkcode wake} is called or the time is up; joins a wait in
   * flight, with that one's timeout. May return spuriously, as `poll` may.
   *
   * @param timeoutMs Longest duration, in milliseconds; -1 for no limit.
   */
  wait(timeoutMs = -1): Promise<void> {
    if (this.#closing !== undefined) return Promise.resolve();
    if (this.#inFlight === undefined) {
      const poll = this.#poll(timeoutMs);
      this.#inFlight = poll;
      for (const socket of this.#sockets) socket.holdFor(poll);
    }
    return this.#inFlight;
  }

  /** Ends a wait in flight, or else the next one. */
  wake(): void {
    if (this.#closing !== undefined) return;
    this.#libc.write(this.#wakeFd, new Uint8Array(new BigUint64Array([1n]).buffer), 8n);
  }

  /** Ends a wait in flight and closes the poller; the sockets stay open. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.wake();
      this.#closing = this.#close();
    }
    return this.#closing;
  }

  /** Closes the poller; the sockets stay open. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#inFlight;
    this.#libc.close(this.#wakeFd);
  }

  /** Never rejects: errors of a socket are reported when it is read. */
  async #poll(timeoutMs: number): Promise<void> {
    await this.#libc.poll(this.#fds.bytes, BigInt(this.#fds.count), timeoutMs);
    if (this.#fds.ready(0)) this.#libc.read(this.#wakeFd, new Uint8Array(8), 8n);
    this.#inFlight = undefined;
  }
}
