/**
 * Runs functions in another network namespace (setns(2)). Sockets stay in the one in which they
 * were opened.
 */

import { cString } from "./c_strings.ts";
import { ERRNO, errnoText, lastErrno } from "./errno.ts";
import { libc, openSymbols } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";
import { NetlinkError } from "../src/errors.ts";

const SYMBOLS = {
  /** `int fstatfs(int fd, struct statfs *buf)` (sys/vfs.h) */
  fstatfs: { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;
const symbols = () => opened ??= openSymbols(SYMBOLS);

/** `O_RDONLY | O_CLOEXEC` (fcntl.h) */
const O_RDONLY_CLOEXEC = 0o2000000;
/** `O_PATH | O_CLOEXEC` (asm-generic/fcntl.h) */
const O_PATH_CLOEXEC = 0o10000000 | 0o2000000;
/** `NSFS_MAGIC` (linux/magic.h): the file system of namespaces. */
const NSFS_MAGIC = 0x6e736673n;
/** Size of `struct statfs` (asm/statfs.h), rounded up; `f_type`, a `long`, is its first field. */
const STATFS_SIZE = 256;
/** `CLONE_NEWNET` (linux/sched.h) */
const CLONE_NEWNET = 0x40000000;

/** Network namespace of this thread. */
const OWN = "/proc/thread-self/ns/net";

/**
 * Runs a function in another network namespace. Only this thread enters it, so that the function
 * must be synchronous.
 *
 * @param namespace Path, as in `/run/netns/blue`, or process id; undefined for the current one.
 * @param act Function to run.
 * @returns Its result.
 * @throws {NetlinkError} If there is no such namespace, or the system denies it.
 */
export function inNetworkNamespace<Value>(
  namespace: string | number | undefined,
  act: () => Value,
): Value {
  if (namespace === undefined) return act();
  const path = /^\d+$/.test(`${namespace}`) ? `/proc/${namespace}/ns/net` : `${namespace}`;
  const own = open(OWN, "this thread's network namespace");
  try {
    enter(open(path, `network namespace ${namespace}`), `${namespace}`);
    try {
      return act();
    } finally {
      enter(own, "of its own", false);
    }
  } finally {
    libc().close(own);
  }
}

/**
 * Opens a namespace. What is something else is not opened: a named pipe would wait for its writer,
 * and a device may act.
 */
function open(path: string, what: string): number {
  const operation = `open ${what}`;
  const place = openPath(path, O_PATH_CLOEXEC);
  if (place < 0) {
    const errno = lastErrno();
    throw errno === ERRNO.ENOENT
      ? refused(operation, `${errnoText(errno)}; ${LIST}`, errno, "ENOENT")
      : systemCallError(operation, errno);
  }
  try {
    if (!isNamespace(place)) {
      throw refused(operation, `it is no namespace; ${LIST}`, ERRNO.EINVAL, "EINVAL");
    }
    const fd = openPath(`/proc/self/fd/${place}`, O_RDONLY_CLOEXEC);
    if (fd < 0) throw systemCallError(operation);
    return fd;
  } finally {
    libc().close(place);
  }
}

/** Text that says how to find names of namespaces. */
const LIST = "ip netns list names those of this machine";

function openPath(path: string, flags: number): number {
  return libc().open(cString(path), flags);
}

/** Returns whether an open file is a namespace of any kind. */
function isNamespace(fd: number): boolean {
  const statfs = new DataView(new ArrayBuffer(STATFS_SIZE));
  const failed = symbols().fstatfs(fd, new Uint8Array(statfs.buffer)) < 0;
  return !failed && statfs.getBigInt64(0, true) === NSFS_MAGIC;
}

function refused(operation: string, why: string, errno: number, code: string): NetlinkError {
  return new NetlinkError(`Cannot ${operation}: ${why}`, {
    operation,
    errno,
    code,
    origin: "syscall",
  });
}

function enter(fd: number, name: string, close = true): void {
  const failed = libc().setns(fd, CLONE_NEWNET) < 0;
  const errno = lastErrno();
  if (close) libc().close(fd);
  if (!failed) return;
  const operation = `enter network namespace ${name}`;
  if (errno === ERRNO.EINVAL) {
    throw refused(operation, `it is a namespace of another kind; ${LIST}`, errno, "EINVAL");
  }
  if (errno !== ERRNO.EPERM) throw systemCallError(operation, errno);
  const remedy = "it takes CAP_SYS_ADMIN: run as root, or inside of it with `ip netns exec`";
  throw refused(operation, `${errnoText(errno)}; ${remedy}`, errno, "EPERM");
}
