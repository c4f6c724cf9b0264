/** Event descriptor that signals between processes (eventfd(2)). */

import { libc } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

/** `EFD_CLOEXEC | EFD_NONBLOCK` (sys/eventfd.h) */
const EFD_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;

const one = new Uint8Array(new BigUint64Array([1n]).buffer);
const value = new Uint8Array(8);

/** eventfd that is readable from {@linkcode signal} to {@linkcode clear}. */
export class EventFd implements Disposable {
  readonly descriptor: number;

  /**
   * Creates one, or adopts one that this process inherited.
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

  /** Makes it unreadable. */
  clear(): void {
    libc().read(this.descriptor, value, 8n);
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    libc().close(this.descriptor);
  }
}
