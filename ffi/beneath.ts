/**
 * Opens regular files below a folder, without following links out of it, and without blocking on
 * named pipes.
 */

import { cString } from "./c_strings.ts";
import { ERRNO, errnoText, lastErrno } from "./errno.ts";
import { lazySymbols, libc } from "./libc.ts";
import { O_DIRECTORY, O_NOFOLLOW } from "./open_flags.ts";
import { systemCallNumber } from "./syscall_numbers.ts";

const SYMBOLS = {
  /** `long syscall(long number, …)` (unistd.h), for openat2(2): `int dirfd, const char *pathname, struct open_how *how, size_t size` */
  openat2: {
    name: "syscall",
    parameters: ["i64", "i32", "buffer", "buffer", "i64"],
    result: "i64",
  },
  /** `int openat(int dirfd, const char *pathname, int flags)` (fcntl.h) */
  openat: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  /** `int statx(int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *statxbuf)` (sys/stat.h) */
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `O_NONBLOCK | O_NOCTTY | O_CLOEXEC` (asm-generic/fcntl.h); `O_RDONLY` is 0. */
const READ_FLAGS = 0o4000 | 0o400 | 0o2000000;
/** `O_PATH` and `O_CLOEXEC` (asm-generic/fcntl.h) */
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const FOLDER_FLAGS = O_PATH | O_DIRECTORY | O_CLOEXEC;
/** `RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS`, `RESOLVE_NO_SYMLINKS` (linux/openat2.h) */
const [BENEATH, NO_LINKS] = [0x08n | 0x02n, 0x04n];
/** `AT_EMPTY_PATH` (linux/fcntl.h) */
const AT_EMPTY_PATH = 0x1000;
/** `AT_FDCWD` (linux/fcntl.h) */
const AT_FDCWD = -100;
/** `STATX_TYPE | STATX_SIZE` (linux/stat.h) */
const STATX_TYPE_SIZE = 0x1 | 0x200;
/** `S_IFMT` and `S_IFREG` (linux/stat.h) */
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
/** `ELOOP` and `EXDEV` (asm-generic/errno.h, asm-generic/errno-base.h): a link where none may be. */
const ELOOP = 40;
const EXDEV = 18;

/** Error of an unreadable file; the message is the reason, as in `there is no such file`. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
}

/** Folder whose files are read. */
export class Folder implements Disposable {
  readonly #fd: number;

  /**
   * Opens a folder.
   *
   * @param path Absolute path without links, as `resolveLinks` returns it: one that was put there
   * since is not followed.
   * @throws {UnreadableError} If there is none, or it cannot be searched.
   */
  constructor(path: string) {
    this.#fd = openWith(AT_FDCWD, path, FOLDER_FLAGS, NO_LINKS) ?? openByNames("/", path);
  }

  /**
   * Reads a file.
   *
   * @param path Path relative to the folder, as in `lists/ports.ts`.
   * @param most Size limit, in bytes.
   * @throws {UnreadableError} If there is no such file below the folder, it is not regular, is too large, or
   * cannot be read.
   */
  read(path: string, most: number): Uint8Array<ArrayBuffer> {
    const fd = openWith(this.#fd, path, READ_FLAGS, BENEATH) ??
      openByNames(this.#fd, path, READ_FLAGS);
    try {
      const size = regularSize(fd);
      if (size === undefined) throw new UnreadableError("it is no regular file");
      if (size > most) {
        throw new UnreadableError(`it has ${size} bytes, and may have ${most} at the most`);
      }
      return readAll(fd, most);
    } finally {
      libc().close(fd);
    }
  }

  /** Closes the folder. */
  [Symbol.dispose](): void {
    libc().close(this.#fd);
  }
}

/**
 * Opens a path by openat2(2).
 *
 * @returns Its descriptor; undefined where the system lacks the call.
 */
function openWith(folder: number, path: string, flags: number, resolve: bigint) {
  // struct open_how (linux/openat2.h): u64 flags, u64 mode, u64 resolve.
  const how = new BigUint64Array([BigInt(flags), 0n, resolve]);
  const number = BigInt(systemCallNumber("openat2")!);
  const bytes = new Uint8Array(how.buffer);
  const fd = Number(symbols().openat2(number, folder, cString(path), bytes, 24n));
  if (fd >= 0) return fd;
  const errno = lastErrno();
  // Linux before 5.6 lacks the call, and some containers forbid it.
  if (errno === ERRNO.ENOSYS || errno === ERRNO.EPERM) return undefined;
  throw new UnreadableError(unreadableReason(errno));
}

/**
 * Opens each folder of a path in turn, and follows no link.
 *
 * @param from Descriptor of the folder where it begins; a path, which is closed again.
 * @param flags Flags for the last name.
 */
function openByNames(from: number | "/", path: string, flags: number = FOLDER_FLAGS): number {
  const names = path.split("/").filter((name) => name !== "");
  const start = from === "/" ? symbols().openat(AT_FDCWD, cString(from), FOLDER_FLAGS) : from;
  if (start < 0) throw new UnreadableError(unreadableReason(lastErrno()));
  let folder = start;
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    const flagsOfIt = O_NOFOLLOW | (isLast ? flags : FOLDER_FLAGS);
    const fd = name === ".." ? -1 : symbols().openat(folder, cString(name), flagsOfIt);
    const errno = name === ".." ? EXDEV : lastErrno();
    if (folder !== from) libc().close(folder);
    if (fd < 0) throw new UnreadableError(unreadableReason(errno));
    folder = fd;
  }
  return folder;
}

/** Returns the size of an open file in bytes; undefined if it is not a regular file. */
function regularSize(fd: number): number | undefined {
  // struct statx (linux/stat.h), 256 bytes: u16 stx_mode at 28, u64 stx_size at 40.
  const view = new DataView(new ArrayBuffer(256));
  const bytes = new Uint8Array(view.buffer);
  if (symbols().statx(fd, cString(""), AT_EMPTY_PATH, STATX_TYPE_SIZE, bytes) < 0) {
    throw new UnreadableError(unreadableReason(lastErrno()));
  }
  if ((view.getUint16(28, true) & S_IFMT) !== S_IFREG) return undefined;
  return Number(view.getBigUint64(40, true));
}

/** Reads a whole file, whose size may have changed since it was checked. */
function readAll(fd: number, most: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(most + 1);
  let at = 0;
  for (;;) {
    const room = bytes.subarray(at);
    const length = Number(libc().read(fd, room, BigInt(room.length)));
    if (length < 0 && lastErrno() === ERRNO.EINTR) continue;
    if (length < 0) throw new UnreadableError(unreadableReason(lastErrno()));
    at += length;
    if (at > most) throw new UnreadableError(`it has more than ${most} bytes`);
    if (length === 0) return bytes.slice(0, at);
  }
}

/** Returns why a file cannot be read. */
export function unreadableReason(errno: number): string {
  if (errno === ERRNO.ENOENT) return "there is no such file";
  if (errno === ELOOP || errno === EXDEV) return "a link leads out of the filter's folder";
  return errnoText(errno);
}
