/**
 * Locks of open files (fcntl(2), "Open file description locks"). They take a descriptor that may
 * write, while flock(2) is granted to everyone who may read.
 */

import { ERRNO, lastErrno } from "./errno.ts";
import { lazySymbols } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

const SYMBOLS = {
  /** `int fcntl(int fd, int op, …)` (fcntl.h), with a `struct flock *` */
  fcntl: { parameters: ["i32", "i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `F_OFD_SETLK` (asm-generic/fcntl.h) */
const F_OFD_SETLK = 37;
/** `F_WRLCK` (asm-generic/fcntl.h) */
const F_WRLCK = 1;

/**
 * Locks a file for writing until its descriptor is closed, without waiting.
 *
 * @param descriptor Descriptor that may write.
 * @returns Whether it is locked; false if another descriptor has the lock.
 * @throws {NetlinkError} If the system refuses.
 */
export function tryLockToWrite(descriptor: number): boolean {
  // struct flock (asm-generic/fcntl.h), 32 bytes: s16 l_type, s16 l_whence, s64 l_start at 8 and
  // l_len at 16, where 0 is the whole file, and s32 l_pid, which must be 0.
  const lock = new Int16Array(16);
  lock[0] = F_WRLCK;
  if (symbols().fcntl(descriptor, F_OFD_SETLK, new Uint8Array(lock.buffer)) === 0) return true;
  const errno = lastErrno();
  if (errno === ERRNO.EAGAIN || errno === ERRNO.EACCES) return false;
  throw systemCallError("lock a file", errno);
}
