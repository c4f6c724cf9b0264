/**
 * Reads the CPU time of another process, for benchmarks.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import { systemCallError } from "../../ffi/netlink_socket.ts";

/** `CPUCLOCK_SCHED` (kernel/time/posix-cpu-timers.c): time counted by the scheduler. */
const CPUCLOCK_SCHED = 2;

/**
 * Returns the CPU time that a process has used, in nanoseconds, including threads that have ended.
 *
 * @param pid Process id.
 * @throws {NetlinkError} If there is no such process.
 */
export function cpuNanoseconds(pid: number): number {
  // struct timespec (time.h): s64 tv_sec, s64 tv_nsec
  const time = new BigInt64Array(2);
  // Encoded as by clock_getcpuclockid(3).
  const clock = ~pid << 3 | CPUCLOCK_SCHED;
  if (libc().clock_gettime(clock, new Uint8Array(time.buffer)) < 0) {
    throw systemCallError(`read the CPU time of process ${pid}`);
  }
  return Number(time[0]) * 1e9 + Number(time[1]);
}
