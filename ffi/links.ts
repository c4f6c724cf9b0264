/**
 * Symbolic links as the kernel sees them, those under /proc among them.
 *
 * @module
 */

import { openSymbols } from "./libc.ts";

const SYMBOLS = {
  /** `ssize_t readlink(const char *pathname, char *buf, size_t bufsiz)` (unistd.h) */
  readlink: {
    parameters: ["buffer", "buffer", "usize"] as [path: "buffer", buf: "buffer", size: "usize"],
    result: "isize",
  },
} as const satisfies Deno.ForeignLibraryInterface;

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;

/** `PATH_MAX` (linux/limits.h) */
const PATH_MAX = 4096;

/**
 * Where a link leads.
 *
 * @param path As in `/proc/1/fd/3`.
 * @returns Its text, as in `socket:[4711]`; undefined where there is no such link, or it may not be read.
 */
export function linkTarget(path: string): string | undefined {
  opened ??= openSymbols(SYMBOLS);
  const buffer = new Uint8Array(PATH_MAX);
  const length = opened.readlink(new TextEncoder().encode(`${path}\0`), buffer, BigInt(PATH_MAX));
  return length < 0n ? undefined : new TextDecoder().decode(buffer.subarray(0, Number(length)));
}
