/**
 * Changes of files and folders, as the kernel tells of them (inotify(7)). `Deno.watchFs`
 * follows links, tells of each write to a folder's files, and takes a right to each path.
 *
 * @module
 */

import { ERRNO, lastErrno } from "./errno.ts";
import { libc, openSymbols } from "./libc.ts";
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

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;
const symbols = () => opened ??= openSymbols(SYMBOLS);

/** `IN_CLOEXEC | IN_NONBLOCK` (sys/inotify.h) */
const IN_CLOEXEC_NONBLOCK = 0o2000000 | 0o4000;
/** `IN_DONT_FOLLOW | IN_MASK_ADD` (linux/inotify.h): links themselves; what was asked for before goes on. */
const ALWAYS = 0x0200_0000 | 0x2000_0000;
/** `IN_IGNORED` (linux/inotify.h): the end of a watch, which another event has told of. */
const IN_IGNORED = 0x8000;
/** Bytes of `struct inotify_event` before the name (linux/inotify.h): `int wd`, `u32 mask`, `u32 cookie`, `u32 len`. */
const HEADER = 16;
/** Room for many events; one takes 272 bytes at the most. */
const BUFFER = 16_384;

/** Events to ask for (linux/inotify.h). */
export const Events = {
  /** `IN_DELETE_SELF | IN_MOVE_SELF`: the path means something else from now on. */
  REPLACED: 0x400 | 0x800,
  /** `IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE`: it was written, its rights or its number of links have changed. */
  WRITTEN: 0x2 | 0x4 | 0x8,
  /** `IN_CREATE | IN_MOVED_TO`: a name has appeared in a folder; the event carries it. */
  APPEARED: 0x100 | 0x80,
} as const;

/** A change. */
export interface Change {
  /** The number of what has changed, as {@linkcode Inotify.add} returned it; -1 where events were lost. */
  watch: number;
  /** The name in a folder; undefined where it is the thing itself that has changed. */
  name: string | undefined;
}

/** Files, folders and links that are watched together. */
export class Inotify implements Disposable {
  /** A descriptor that can be read once something has changed. */
  readonly descriptor: number;

  /**
   * Begins with nothing.
   *
   * @throws {NetlinkError} If the kernel refuses, as where this user has too many already.
   */
  constructor() {
    this.descriptor = symbols().inotify_init1(IN_CLOEXEC_NONBLOCK);
    if (this.descriptor < 0) throw systemCallError("watch files (fs.inotify.max_user_instances)");
  }

  /**
   * Watches a file, a folder or a link, beside what was asked for before.
   *
   * @param path Its path; a link at its end is not followed.
   * @param events The sum of some of {@linkcode Events}.
   * @returns Its number, the same for all paths of one thing; `missing` where there is no
   * such thing, `denied` where this user may not watch it.
   * @throws {NetlinkError} If the kernel refuses, as where this user watches too much already.
   */
  add(path: string, events: number): number | "missing" | "denied" {
    const watch = symbols().inotify_add_watch(
      this.descriptor,
      new TextEncoder().encode(`${path}\0`),
      events | ALWAYS,
    );
    if (watch >= 0) return watch;
    const errno = lastErrno();
    if (errno === ERRNO.EACCES) return "denied";
    if (MISSING.includes(errno)) return "missing";
    throw systemCallError(`watch ${path} (fs.inotify.max_user_watches)`, errno);
  }

  /** Takes the changes since the last call, without waiting. */
  take(): Change[] {
    const changes: Change[] = [];
    const buffer = new Uint8Array(BUFFER);
    for (;;) {
      const length = Number(libc().read(this.descriptor, buffer, BigInt(BUFFER)));
      if (length <= 0) return changes;
      changes.push(...changesIn(buffer.subarray(0, length)));
    }
  }

  /** Ends it. */
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
