/** Waits for many descriptors at once (epoll(7)). */

import { lazySymbols, libc } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

const WAIT = ["i32", "buffer", "i32", "i32"] as [
  epfd: "i32",
  events: "buffer",
  maxevents: "i32",
  timeout: "i32",
];

const SYMBOLS = {
  /** `int epoll_create1(int flags)` (sys/epoll.h) */
  epoll_create1: { parameters: ["i32"], result: "i32" },
  /** `int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)` (sys/epoll.h) */
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  /** `int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)` (sys/epoll.h) */
  epoll_wait: { parameters: WAIT, result: "i32" },
  /** epoll_wait on a thread of Deno's pool. */
  epollWaitAsync: { name: "epoll_wait", parameters: WAIT, result: "i32", nonblocking: true },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `EPOLL_CLOEXEC` (sys/epoll.h) */
const EPOLL_CLOEXEC = 0o2000000;
/** `EPOLL_CTL_ADD`, `EPOLL_CTL_DEL`, `EPOLL_CTL_MOD` (linux/eventpoll.h) */
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
/** `EPOLLIN`, `EPOLLPRI`, `EPOLLOUT` and `EPOLLONESHOT` (linux/eventpoll.h) */
const EPOLLIN = 1;
const EPOLLPRI = 2;
const EPOLLOUT = 4;
const EPOLLONESHOT = 1 << 30;
/**
 * `struct epoll_event` (linux/eventpoll.h): `u32 events`, `u64 data`; packed on x86-64
 * alone, so that both have one layout in 32-bit programs.
 */
const EVENT = Deno.build.arch === "x86_64" ? { size: 12, data: 4 } : { size: 16, data: 8 };
/** Descriptors reported by one wait; others are reported by the next one. */
const EVENTS_MAX = 64;

/** Set of descriptors. */
export class Epoll implements AsyncDisposable {
  /** Descriptor of the set, which is readable while one of its descriptors is ready. */
  readonly descriptor: number;
  readonly #events = new DataView(new ArrayBuffer(EVENT.size * EVENTS_MAX));
  readonly #eventBytes = new Uint8Array(this.#events.buffer);
  /** Event of an asynchronous wait, which needs memory of its own. */
  readonly #asyncBytes = new Uint8Array(EVENT.size);
  #aside: Promise<number> | undefined;

  /**
   * Creates an empty set.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  constructor() {
    this.descriptor = symbols().epoll_create1(EPOLL_CLOEXEC);
    if (this.descriptor < 0) throw systemCallError("make an epoll descriptor");
  }

  /** Adds a descriptor, to wait until it is readable or its peer closes it. */
  add(fd: number): void {
    this.#control(EPOLL_CTL_ADD, fd, EPOLLIN);
  }

  /** Adds a descriptor, to wait for an exceptional condition, as a change of `/proc/self/mountinfo`. */
  addExceptional(fd: number): void {
    this.#control(EPOLL_CTL_ADD, fd, EPOLLPRI);
  }

  /** Adds a descriptor, to wait until it is readable, once after each {@linkcode arm}. */
  addOnce(fd: number): void {
    this.#control(EPOLL_CTL_ADD, fd, EPOLLONESHOT);
  }

  /** Waits once more for a descriptor that was added by {@linkcode addOnce}. */
  arm(fd: number): void {
    this.#control(EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT);
  }

  /** Starts or stops waiting until a descriptor is writable. */
  watchRoom(fd: number, isWatched: boolean): void {
    this.#control(EPOLL_CTL_MOD, fd, isWatched ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  /** Removes a descriptor, which must still be open. */
  remove(fd: number): void {
    this.#control(EPOLL_CTL_DEL, fd, 0);
  }

  /**
   * Returns the ready descriptors; blocks this thread until there is one.
   *
   * @param timeoutMs Longest duration, in whole milliseconds.
   * @returns 64 descriptors at the most.
   */
  ready(timeoutMs = 0): number[] {
    const count = symbols().epoll_wait(this.descriptor, this.#eventBytes, EVENTS_MAX, timeoutMs);
    return Array.from(
      { length: Math.max(0, count) },
      (_, index) => this.#events.getInt32(index * EVENT.size + EVENT.data, true),
    );
  }

  /**
   * Waits until a descriptor is ready. Concurrent callers share one wait.
   *
   * @returns A ready descriptor; -1 if the wait was interrupted. An exceptional condition is not
   * reported again.
   */
  wait(): Promise<number> {
    return this.#aside ??= this.#waitAsync();
  }

  /**
   * Closes the set once a pending wait has ended: the caller must have made a descriptor ready.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#aside;
    libc().close(this.descriptor);
  }

  async #waitAsync(): Promise<number> {
    const count = await symbols().epollWaitAsync(this.descriptor, this.#asyncBytes, 1, -1);
    this.#aside = undefined;
    return count > 0 ? new DataView(this.#asyncBytes.buffer).getInt32(EVENT.data, true) : -1;
  }

  #control(operation: number, fd: number, events: number): void {
    const event = new DataView(new ArrayBuffer(EVENT.size));
    event.setUint32(0, events, true);
    event.setInt32(EVENT.data, fd, true);
    if (symbols().epoll_ctl(this.descriptor, operation, fd, new Uint8Array(event.buffer)) < 0) {
      throw systemCallError("change what epoll waits for");
    }
  }
}
