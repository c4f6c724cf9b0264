/** Flags of open(2) that are not the same on all machines (asm/fcntl.h). */

import type { Machine } from "./syscall_numbers.ts";

/** `O_DIRECTORY` and `O_NOFOLLOW` by machine. */
export const OPEN_FLAGS: Readonly<Record<Machine, { O_DIRECTORY: number; O_NOFOLLOW: number }>> = {
  x86_64: { O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000 },
  aarch64: { O_DIRECTORY: 0o40000, O_NOFOLLOW: 0o100000 },
};

/** `O_DIRECTORY` and `O_NOFOLLOW` of this machine. */
export const { O_DIRECTORY, O_NOFOLLOW } = OPEN_FLAGS[Deno.build.arch];
