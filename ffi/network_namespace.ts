/**
 * Runs functions in another network namespace (setns(2)). Sockets stay in the one in which they
 * were opened.
 *
 * @module
 */

import { cString } from "./c_strings.ts";
import { ERRNO, errnoText, lastErrno } from "./errno.ts";
import { libc } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";
import { NetlinkError } from "../src/errors.ts";

/** `O_RDONLY | O_CLOEXEC` (fcntl.h) */
const O_RDONLY_CLOEXEC = 0o2000000;
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

function open(path: string, what: string): number {
  const fd = libc().open(cString(path), O_RDONLY_CLOEXEC);
  if (fd >= 0) return fd;
  throw systemCallError(`open ${what}`);
}

function enter(fd: number, name: string, close = true): void {
  const failed = libc().setns(fd, CLONE_NEWNET) < 0;
  const errno = lastErrno();
  if (close) libc().close(fd);
  if (!failed) return;
  const operation = `enter network namespace ${name}`;
  if (errno !== ERRNO.EPERM) throw systemCallError(operation, errno);
  throw new NetlinkError(
    `Cannot ${operation}: ${
      errnoText(errno)
    }; it takes CAP_SYS_ADMIN: run as root, or inside of it with ` +
      "`ip netns exec`",
    { operation, errno, code: "EPERM", origin: "syscall" },
  );
}
