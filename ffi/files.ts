/** Checks files through the kernel. Deno's own functions need a right to each folder of a path. */

import { cString } from "./c_strings.ts";
import { ERRNO, lastErrno } from "./errno.ts";
import { lazySymbols, libc } from "./libc.ts";
import { O_DIRECTORY } from "./open_flags.ts";

const SYMBOLS = {
  /** `int faccessat(int dirfd, const char *pathname, int mode, int flags)` (unistd.h) */
  faccessat: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  /** `int statx(int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *statxbuf)` (sys/stat.h) */
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  /** `ssize_t getdents64(int fd, void *dirp, size_t count)` (dirent.h) */
  getdents64: { parameters: ["i32", "buffer", "usize"], result: "isize" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `O_CLOEXEC` (fcntl.h) */
const O_CLOEXEC = 0o2000000;
/** `AT_FDCWD` (linux/fcntl.h): relative paths begin at the current folder. */
const AT_FDCWD = -100;
/** `AT_EACCESS` (linux/fcntl.h): checks the effective user, as opening a file does. */
const AT_EACCESS = 0x200;
/** `R_OK`, `W_OK`, `X_OK` (unistd.h) */
const ACCESS = { read: 4, write: 2, search: 1 } as const;
/** Kind of access. */
export type Access = keyof typeof ACCESS;
/** `STATX_INO` (linux/stat.h) */
const STATX_INO = 0x100;
/** Errors that deny access; a missing path is not denied. */
const DENIED: readonly number[] = [ERRNO.EPERM, ERRNO.EACCES];

/**
 * Returns whether the system denies the effective user access to a path.
 *
 * @param path Path; links are followed.
 * @param access Kinds of access.
 * @returns Whether access is denied; false for a missing path.
 */
export function isDenied(path: string, access: readonly Access[]): boolean {
  return DENIED.includes(accessErrno(path, access));
}

/**
 * Checks the effective user's access to a path.
 *
 * @param path Path; links are followed.
 * @param access Kinds of access; none to check existence.
 * @returns Error number, as in `ENOENT`; 0 on success.
 */
export function accessErrno(path: string, access: readonly Access[]): number {
  const mode = access.reduce((mode, kind) => mode | ACCESS[kind], 0);
  const answer = symbols().faccessat(AT_FDCWD, cString(path), mode, AT_EACCESS);
  return answer < 0 ? lastErrno() : 0;
}

/**
 * Lists the names in a folder.
 *
 * @returns Names in no order; none if the folder is missing or unreadable.
 */
export function entriesOf(folder: string): string[] {
  const fd = libc().open(cString(folder), O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return [];
  try {
    const names: string[] = [];
    const buffer = new Uint8Array(32768);
    for (;;) {
      const length = Number(symbols().getdents64(fd, buffer, BigInt(buffer.length)));
      if (length <= 0) return names;
      names.push(...namesIn(buffer.subarray(0, length)));
    }
  } finally {
    libc().close(fd);
  }
}

/**
 * Yields the names in `struct linux_dirent64` (getdents(2)): `u64 d_ino`, `s64 d_off`,
 * `u16 d_reclen`, `u8 d_type`, the name.
 */
function* namesIn(bytes: Uint8Array): Generator<string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const decoder = new TextDecoder();
  for (let at = 0; at < bytes.length; at += view.getUint16(at + 16, true)) {
    const name = bytes.subarray(at + 19, bytes.indexOf(0, at + 19));
    const text = decoder.decode(name);
    if (text !== "." && text !== "..") yield text;
  }
}

/**
 * Returns the identity of a file: its device and inode.
 *
 * @param path Path; links are followed.
 * @returns Text that differs between two files; undefined if nothing is there, or may be seen.
 */
export function identityOf(path: string): string | undefined {
  // struct statx (linux/stat.h), 256 bytes: u64 stx_ino at 32, u32 stx_dev_major at 136 and
  // stx_dev_minor at 140.
  const view = new DataView(new ArrayBuffer(256));
  const bytes = new Uint8Array(view.buffer);
  if (symbols().statx(AT_FDCWD, cString(path), 0, STATX_INO, bytes) < 0) return undefined;
  const [inode, major, minor] = [
    view.getBigUint64(32, true),
    view.getUint32(136, true),
    view.getUint32(140, true),
  ];
  return `${major}:${minor}:${inode}`;
}
