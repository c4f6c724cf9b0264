/**
 * A second descriptor of what a descriptor names, as another process gets it.
 *
 * @module
 */

import { openSymbols } from "../../ffi/libc.ts";

/** `F_DUPFD_CLOEXEC` (linux/fcntl.h) */
const F_DUPFD_CLOEXEC = 1030;

/** Returns another descriptor of the same socket. */
export function duplicate(descriptor: number): number {
  const { fcntl } = openSymbols(
    {
      /** `int fcntl(int fd, int op, …)` (fcntl.h) */
      fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
    } as const,
  );
  return fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}
