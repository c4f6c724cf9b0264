/** Reads symbolic links, including those under /proc. */

import { cString } from "./c_strings.ts";
import { lazySymbols } from "./libc.ts";

const SYMBOLS = {
  /** `ssize_t readlink(const char *pathname, char *buf, size_t bufsiz)` (unistd.h) */
  readlink: {
    parameters: ["buffer", "buffer", "usize"] as [path: "buffer", buf: "buffer", size: "usize"],
    result: "isize",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `PATH_MAX` (linux/limits.h) */
const PATH_MAX = 4096;

/**
 * Returns the target of a link.
 *
 * @param path Path, as in `/proc/1/fd/3`.
 * @returns Target, as in `socket:[4711]`; undefined if there is no such link, or it cannot be read.
 */
export function linkTarget(path: string): string | undefined {
  const buffer = new Uint8Array(PATH_MAX);
  const length = symbols().readlink(cString(path), buffer, BigInt(PATH_MAX));
  return length < 0n ? undefined : new TextDecoder().decode(buffer.subarray(0, Number(length)));
}
