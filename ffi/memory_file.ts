/**
 * Files in memory (memfd_create(2)), which exist until the last descriptor in any process is
 * closed.
 */

import { cString } from "./c_strings.ts";
import { ERRNO, lastErrno } from "./errno.ts";
import { lazySymbols } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

const SYMBOLS = {
  /** `int memfd_create(const char *name, unsigned int flags)` (sys/mman.h) */
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  /** `ssize_t pread(int fd, void *buf, size_t count, off_t offset)` (unistd.h) */
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  /** `ssize_t pwrite(int fd, const void *buf, size_t count, off_t offset)` (unistd.h) */
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `MFD_CLOEXEC` (linux/memfd.h) */
const MFD_CLOEXEC = 1;
/** Limit of reading, in bytes. */
const SIZE_MAX = 1024 * 1024;

/**
 * Creates a file in memory.
 *
 * @param name Name, shown in /proc.
 * @returns Descriptor.
 * @throws {NetlinkError} If the kernel refuses.
 */
export function makeMemoryFile(name: string): number {
  const fd = symbols().memfd_create(cString(name), MFD_CLOEXEC);
  if (fd < 0) throw systemCallError("make a file in memory");
  return fd;
}

/**
 * Writes to the start of a file; the rest stays.
 *
 * @throws {NetlinkError} If the kernel refuses.
 */
export function writeMemoryFile(fd: number, bytes: Uint8Array<ArrayBuffer>): void {
  const written = Number(symbols().pwrite(fd, bytes, BigInt(bytes.length), 0n));
  if (written < bytes.length) throw systemCallError("write to a file in memory");
}

/**
 * Reads a whole file.
 *
 * @throws {NetlinkError} If it is not a file, or cannot be read.
 */
export function readMemoryFile(fd: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZE_MAX);
  let at = 0;
  for (;;) {
    const room = bytes.subarray(at);
    const length = Number(symbols().pread(fd, room, BigInt(room.length), BigInt(at)));
    if (length < 0 && lastErrno() === ERRNO.EINTR) continue;
    if (length < 0) throw systemCallError("read a file in memory");
    if (length === 0) return bytes.subarray(0, at);
    at += length;
  }
}
