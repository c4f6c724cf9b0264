/**
 * A descriptor that one process makes readable for another (eventfd(2)).
 *
 * @module
 */

import { libc } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

/** `EFD_CLOEXEC | EFD_NONBLOCK` (sys/eventfd.h) */
const EFD_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;

const one = new Uint8Array(new BigUint64Array([1n]).buffer);
const value = new Uint8Array(8);

/** An eventfd: readable since {@linkcode signal}, until {@linkcode clear}. */
export class EventFd implements Disposable {
  /** The descriptor. */
  readonly descriptor: number;

  /**
   * Makes one, or takes one that this process was started with.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  constructor(descriptor?: number) {
    this.descriptor = descriptor ?? libc().eventfd(0, EFD_CLOEXEC_NONBLOCK);
    if (this.descriptor < 0) throw systemCallError("make an eventfd");
  }

  /** Makes it readable. */
  signal(): void {
    libc().write(this.descriptor, one, 8n);
  }

  /** Makes it not readable. */
  clear(): void {
    libc().read(this.descriptor, value, 8n);
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    libc().close(this.descriptor);
  }
}
