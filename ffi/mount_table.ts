/** Watches the mounts of this process' namespace (`/proc/self/mountinfo`, proc(5)). */

import { libc } from "./libc.ts";

/** `O_RDONLY | O_CLOEXEC` (asm-generic/fcntl.h) */
const READ_FLAGS = 0o2000000;

/** Table of mounts; inotify(7) reports none of its changes. */
export class MountTable implements Disposable {
  /** Descriptor with an exceptional condition after a change; negative without /proc. */
  readonly descriptor: number;

  /** Opens the table. */
  constructor() {
    const path = new TextEncoder().encode("/proc/self/mountinfo\0");
    this.descriptor = libc().open(path, READ_FLAGS);
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    if (this.descriptor >= 0) libc().close(this.descriptor);
  }
}
