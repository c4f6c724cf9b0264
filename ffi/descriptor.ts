/** Flags and closing of descriptors. */

import { lazySymbols, libc } from "./libc.ts";

const SYMBOLS = {
  /** `int fcntl(int fd, int op, …)` (fcntl.h) */
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `F_SETFD` and `FD_CLOEXEC` (asm-generic/fcntl.h) */
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/**
 * Closes a descriptor in programs that are started from now on.
 *
 * @returns Whether the descriptor is open.
 */
export function setCloseOnExec(descriptor: number): boolean {
  return symbols().fcntl(descriptor, F_SETFD, FD_CLOEXEC) === 0;
}

/** Closes a descriptor. */
export function closeDescriptor(descriptor: number): void {
  libc().close(descriptor);
}
