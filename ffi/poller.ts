/**
 * Waits for sockets without using CPU. All pollers of this thread share one wait on a thread of
 * Deno's pool: that has 32, and there may be more groups to read.
 */

import { Epoll } from "./epoll.ts";
import { EventFd } from "./event_fd.ts";
import type { NetlinkSocket } from "./netlink_socket.ts";

/** Waits until one of several sockets is readable. Concurrent callers share one wait. */
export class Poller implements AsyncDisposable {
  /** Descriptor that is readable while one of the sockets is. */
  readonly descriptor: number;
  readonly #sockets = new Epoll();
  #inFlight: Promise<void> | undefined;
  #isWoken = false;
  #closing: Promise<void> | undefined;

  /**
   * Creates a poller.
   *
   * @param sockets Sockets to wait for.
   * @throws {NetlinkError} If the kernel refuses a descriptor.
   */
  constructor(sockets: readonly NetlinkSocket[]) {
    this.descriptor = this.#sockets.descriptor;
    for (const { descriptor } of sockets) this.#sockets.add(descriptor);
    SharedWait.join(this.descriptor);
  }

  /**
   * Waits until a socket is readable or {@linkcode wake} is called; joins a wait in flight. May
   * return spuriously, as `poll` may.
   */
  wait(): Promise<void> {
    if (this.#closing !== undefined || this.#isWoken) {
      this.#isWoken = false;
      return Promise.resolve();
    }
    return this.#inFlight ??= this.#wait();
  }

  /** Ends a wait in flight, or else the next one. */
  wake(): void {
    if (this.#inFlight === undefined) this.#isWoken = true;
    else SharedWait.end(this.descriptor);
  }

  /** Ends a wait in flight and closes the poller; the sockets stay open. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes the poller; the sockets stay open. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    SharedWait.end(this.descriptor);
    await this.#inFlight;
    await SharedWait.leave(this.descriptor);
    await this.#sockets[Symbol.asyncDispose]();
  }

  /** Never rejects: errors of a socket are reported when it is read. */
  async #wait(): Promise<void> {
    await SharedWait.until(this.descriptor);
    this.#inFlight = undefined;
  }
}

/** The wait of all pollers of this thread, while there are any. */
class SharedWait {
  static #shared: SharedWait | undefined;
  readonly #epoll = new Epoll();
  /** Ends the wait when no poller waits any more. */
  readonly #bell = new EventFd();
  readonly #pollers = new Set<number>();
  /** Functions that end the waits of pollers. */
  readonly #waiting = new Map<number, () => void>();
  #running: Promise<void> | undefined;

  private constructor() {
    this.#epoll.add(this.#bell.descriptor);
  }

  /** Adds the descriptor of a poller. */
  static join(descriptor: number): void {
    const shared = SharedWait.#shared ??= new SharedWait();
    shared.#epoll.addOnce(descriptor);
    shared.#pollers.add(descriptor);
  }

  /** Waits until the descriptor of a poller is readable, or until {@linkcode end}. */
  static until(descriptor: number): Promise<void> {
    const shared = SharedWait.#shared!;
    const { promise, resolve } = Promise.withResolvers<void>();
    shared.#waiting.set(descriptor, resolve);
    shared.#epoll.arm(descriptor);
    shared.#running ??= shared.#run();
    return promise;
  }

  /** Ends the wait of a poller, if it waits. */
  static end(descriptor: number): void {
    const shared = SharedWait.#shared!;
    if (shared.#settle(descriptor) && shared.#waiting.size === 0) shared.#bell.signal();
  }

  /** Removes the descriptor of a poller, which does not wait; the last one closes all. */
  static async leave(descriptor: number): Promise<void> {
    const shared = SharedWait.#shared!;
    shared.#epoll.remove(descriptor);
    shared.#pollers.delete(descriptor);
    if (shared.#pollers.size > 0) return;
    SharedWait.#shared = undefined;
    await shared.#running;
    await shared.#epoll[Symbol.asyncDispose]();
    shared.#bell[Symbol.dispose]();
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const first = await this.#epoll.wait();
      for (const descriptor of [first, ...this.#epoll.ready()]) this.#settle(descriptor);
      this.#bell.clear();
    }
    this.#running = undefined;
  }

  #settle(descriptor: number): boolean {
    this.#waiting.get(descriptor)?.();
    return this.#waiting.delete(descriptor);
  }
}
