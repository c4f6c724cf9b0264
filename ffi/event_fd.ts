/**
 * A descriptor that one process makes readable for another (eventfd(2)).
 *
 * @module
 */

import { PollFds } from "./layout.ts";
import { libc, openSymbols } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

const SYMBOLS = {
  /** `int poll(struct pollfd *fds, nfds_t nfds, int timeout)` (poll.h), on this thread */
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;
const symbols = () => opened ??= openSymbols(SYMBOLS);

/** `EFD_CLOEXEC | EFD_NONBLOCK` (sys/eventfd.h) */
const EFD_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;

const one = new Uint8Array(new BigUint64Array([1n]).buffer);
const value = new Uint8Array(8);

/** An eventfd: readable since {@linkcode signal}, until {@linkcode clear}. */
export class EventFd implements Disposable {
  /** The descriptor. */
  readonly descriptor: number;
  readonly #fds: PollFds;

  /**
   * Makes one, or takes one that this process was started with.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  constructor(descriptor?: number) {
    this.descriptor = descriptor ?? libc().eventfd(0, EFD_CLOEXEC_NONBLOCK);
    if (this.descriptor < 0) throw systemCallError("make an eventfd");
    this.#fds = new PollFds([this.descriptor]);
  }

  /** Makes it readable. */
  signal(): void {
    libc().write(this.descriptor, one, 8n);
  }

  /** Makes it not readable. */
  clear(): void {
    libc().read(this.descriptor, value, 8n);
  }

  /**
   * Blocks this thread until it is readable.
   *
   * @param timeoutMs How long at the most, in whole milliseconds.
   */
  block(timeoutMs: number): void {
    symbols().poll(this.#fds.bytes, 1n, timeoutMs);
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    libc().close(this.descriptor);
  }
}
