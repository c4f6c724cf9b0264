/**
 * Reads small files under /proc through the C library: Deno's own functions need all permissions
 * there.
 */

import { ERRNO, lastErrno } from "./errno.ts";
import { libc } from "./libc.ts";

/** `O_RDONLY | O_CLOEXEC` (fcntl.h) */
const O_RDONLY_CLOEXEC = 0o2000000;

/**
 * Returns the text of a file.
 *
 * @param path Path, as in `/proc/self/status`.
 * @returns Text; undefined if the file is missing or unreadable.
 */
export function readProcFile(path: string): string | undefined {
  const c = libc();
  const fd = c.open(new TextEncoder().encode(path + "\0"), O_RDONLY_CLOEXEC);
  if (fd < 0) return undefined;
  try {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(16384);
    let text = "";
    for (;;) {
      const length = Number(c.read(fd, buffer, BigInt(buffer.length)));
      if (length < 0) {
        if (lastErrno() === ERRNO.EINTR) continue;
        return undefined;
      }
      if (length === 0) return text + decoder.decode();
      text += decoder.decode(buffer.subarray(0, length), { stream: true });
    }
  } finally {
    c.close(fd);
  }
}
