/**
 * Watches files and folders (inotify(7)). `Deno.watchFs` follows links, reports each write to a
 * folder's files, and needs a right to each path.
 */

import { cString } from "./c_strings.ts";
import { ERRNO, lastErrno } from "./errno.ts";
import { lazySymbols, libc } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

const SYMBOLS = {
  /** `int inotify_init1(int flags)` (sys/inotify.h) */
  inotify_init1: { parameters: ["i32"], result: "i32" },
  /** `int inotify_add_watch(int fd, const char *pathname, uint32_t mask)` (sys/inotify.h) */
  inotify_add_watch: {
    parameters: ["i32", "buffer", "u32"] as [fd: "i32", pathname: "buffer", mask: "u32"],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `IN_CLOEXEC | IN_NONBLOCK` (sys/inotify.h) */
const IN_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;
/**
 * `IN_DONT_FOLLOW | IN_MASK_ADD` (linux/inotify.h): watches links themselves; adds to earlier
 * events of a path.
 */
const ALWAYS = 0x0200_0000 | 0x2000_0000;
/** `IN_IGNORED` (linux/inotify.h): end of a watch, which another event has reported. */
const IN_IGNORED = 0x8000;
/** Bytes of `struct inotify_event` before the name (linux/inotify.h): `int wd`, `u32 mask`, `u32 cookie`, `u32 len`. */
const HEADER = 16;
/** Buffer for many events; one takes 272 bytes at the most. */
const BUFFER = 16_384;

/** Events to watch for (linux/inotify.h). */
export const Events = {
  /** `IN_DELETE_SELF | IN_MOVE_SELF`: the path refers to something else from now on. */
  REPLACED: 0x400 | 0x800,
  /**
   * `IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE`: contents, mode, owner or number of links have
   * changed.
   */
  WRITTEN: 0x2 | 0x4 | 0x8,
  /** `IN_CREATE | IN_MOVED_TO`: a name has appeared in a folder; the event contains it. */
  APPEARED: 0x100 | 0x80,
} as const;

/** Change of a watched path. */
export interface Change {
  /** Watch descriptor, as returned by {@linkcode Inotify.add}; -1 if events were lost. */
  watch: number;
  /** Name in a folder; undefined for the watched path itself. */
  name: string | undefined;
}

/** Set of watched files, folders and links. */
export class Inotify implements Disposable {
  /** Descriptor that is readable after a change. */
  readonly descriptor: number;

  /**
   * Creates an empty set.
   *
   * @throws {NetlinkError} If the kernel refuses, as when this user has too many instances.
   */
  constructor() {
    this.descriptor = symbols().inotify_init1(IN_CLOEXEC_NONBLOCK);
    if (this.descriptor < 0) throw systemCallError("watch files (fs.inotify.max_user_instances)");
  }

  /**
   * Adds events of a file, folder or link.
   *
   * @param path Path; a link at its end is not followed.
   * @param events Sum of {@linkcode Events}.
   * @returns Watch descriptor, the same for all paths of one inode; `missing` if the path does not exist,
   * `denied` if this user must not watch it.
   * @throws {NetlinkError} If the kernel refuses, as when this user has too many watches.
   */
  add(path: string, events: number): number | "missing" | "denied" {
    const watch = symbols().inotify_add_watch(
      this.descriptor,
      cString(path),
      events | ALWAYS,
    );
    if (watch >= 0) return watch;
    const errno = lastErrno();
    if (errno === ERRNO.EACCES) return "denied";
    if (MISSING.includes(errno)) return "missing";
    throw systemCallError(`watch ${path} (fs.inotify.max_user_watches)`, errno);
  }

  /** Reads the changes since the last call, without blocking. */
  take(): Change[] {
    const changes: Change[] = [];
    const buffer = new Uint8Array(BUFFER);
    for (;;) {
      const length = Number(libc().read(this.descriptor, buffer, BigInt(BUFFER)));
      if (length <= 0) return changes;
      changes.push(...changesIn(buffer.subarray(0, length)));
    }
  }

  /** Closes the set. */
  [Symbol.dispose](): void {
    libc().close(this.descriptor);
  }
}

/** `ENOENT`, `ENOTDIR`, `ELOOP`, `ENAMETOOLONG` (asm-generic/errno-base.h, errno.h) */
const MISSING: readonly number[] = [ERRNO.ENOENT, 20, 40, 36];

function* changesIn(bytes: Uint8Array): Generator<Change> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const decoder = new TextDecoder();
  for (let at = 0; at + HEADER <= bytes.length;) {
    const size = view.getUint32(at + 12, true);
    const name = bytes.subarray(at + HEADER, at + HEADER + size);
    const end = name.indexOf(0);
    if ((view.getUint32(at + 4, true) & IN_IGNORED) === 0) {
      yield {
        watch: view.getInt32(at, true),
        name: size === 0 ? undefined : decoder.decode(name.subarray(0, end < 0 ? size : end)),
      };
    }
    at += HEADER + size;
  }
}
