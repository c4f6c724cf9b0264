/**
 * Names of error numbers. `errno` is per thread: it must be read right after the synchronous call
 * that set it, never after a nonblocking one.
 */

import { libc } from "./libc.ts";

/** Error numbers of sockets and files (asm-generic/errno-base.h, errno.h), by name. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EPIPE: 32,
  ENOSYS: 38,
  EMSGSIZE: 90,
  ENOPROTOOPT: 92,
  EPROTONOSUPPORT: 93,
  ESOCKTNOSUPPORT: 94,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ECONNREFUSED: 111,
  ENOTSUPP: 524,
} as const;

/** Meanings of the most frequent numbers. */
const TEXTS: Readonly<Record<number, string>> = {
  [ERRNO.EPERM]: "operation not permitted",
  [ERRNO.ENOENT]: "no such file",
  [ERRNO.ENOMEM]: "out of memory",
  [ERRNO.EACCES]: "permission denied",
  [ERRNO.EBUSY]: "busy",
  [ERRNO.EEXIST]: "exists already",
  [ERRNO.ENODEV]: "no such device",
  [ERRNO.EINVAL]: "invalid argument",
  [ERRNO.ENFILE]: "too many open files in the system",
  [ERRNO.EMFILE]: "too many open files",
  [ERRNO.EPIPE]: "the other end is closed",
  [ERRNO.EPROTONOSUPPORT]: "protocol not supported",
  [ERRNO.EOPNOTSUPP]: "operation not supported",
  [ERRNO.EAFNOSUPPORT]: "address family not supported",
  [ERRNO.EADDRINUSE]: "address in use",
  [ERRNO.ENOBUFS]: "no buffer space",
  [ERRNO.ECONNREFUSED]: "connection refused",
  [ERRNO.ENOTSUPP]: "operation not supported",
};

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ERRNO).map(([name, number]) => [number, name]),
);

/**
 * Returns an error number's name.
 *
 * @param errno Positive number.
 * @returns Name, as in `EPERM`; `errno 1234` if the number has no name here.
 */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

/**
 * Describes an error number.
 *
 * @param errno Positive number.
 * @returns As in `operation not permitted (EPERM)`.
 */
export function errnoText(errno: number): string {
  const text = TEXTS[errno];
  return text === undefined ? errnoName(errno) : `${text} (${errnoName(errno)})`;
}

const value = new Int32Array(1);
const valueBytes = new Uint8Array(value.buffer);

/**
 * Returns this thread's `errno`, as set by the last failed call. The C library copies it, because
 * Deno's pointer views need more than a scoped right.
 */
export function lastErrno(): number {
  const c = libc();
  c.memcpy(valueBytes, c.__errno_location(), 4n);
  return value[0]!;
}
