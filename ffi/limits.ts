/** Limits of this process: memory, files, and the end with its parent. */

import { readProcFile } from "./proc_file.ts";
import { lazySymbols, libc } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

const SYMBOLS = {
  /** `int setrlimit(int resource, const struct rlimit *rlim)` (sys/resource.h) */
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  /** `int prlimit(pid_t pid, int resource, const struct rlimit *new_limit, struct rlimit *old_limit)` (sys/resource.h) */
  prlimit: { parameters: ["i32", "i32", "buffer", "pointer"], result: "i32" },
  /** `int kill(pid_t pid, int sig)` (signal.h) */
  kill: { parameters: ["i32", "i32"], result: "i32" },
  /** `pid_t getpgrp(void)` (unistd.h) */
  getpgrp: { parameters: [], result: "i32" },
  /** `int prctl(int op, …)` (sys/prctl.h) */
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  /** `pid_t getppid(void)` (unistd.h) */
  getppid: { parameters: [], result: "i32" },
  /** `sighandler_t signal(int signum, sighandler_t handler)` (signal.h) */
  signal: { parameters: ["i32", "usize"], result: "usize" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/** `RLIMIT_*` (asm-generic/resource.h) */
const RLIMIT_CPU = 0;
const RLIMITS = { fileSize: 1, data: 2, core: 4, openFiles: 7 } as const;
/** `PR_SET_PDEATHSIG`, `PR_SET_DUMPABLE` (linux/prctl.h) */
const PR_SET_PDEATHSIG = 1;
const PR_SET_DUMPABLE = 4;
/**
 * `SIGKILL`, and the signals that a terminal or a service manager sends to a whole group (asm-
 * generic/signal.h)
 */
const SIGKILL = 9n;
const SHARED_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGUSR1: 10, SIGUSR2: 12, SIGTERM: 15 } as const;
/** `O_WRONLY | O_CLOEXEC` (asm-generic/fcntl.h) */
const O_WRONLY_CLOEXEC = 1 | 0o2000000;
/** `SIG_IGN` (signal.h) */
const SIG_IGN = 1n;

/**
 * Limits a resource of this process permanently.
 *
 * @param limit Resource: bytes of private writable memory, bytes of a file or of a core, or one more than
 * the highest descriptor.
 * @param value Value of the limit.
 * @throws {NetlinkError} If the kernel refuses.
 */
export function setLimit(limit: keyof typeof RLIMITS, value: number): void {
  // struct rlimit (sys/resource.h): rlim_t rlim_cur, rlim_t rlim_max, 64 bits each.
  const both = new Uint8Array(new BigUint64Array([BigInt(value), BigInt(value)]).buffer);
  if (symbols().setrlimit(RLIMITS[limit], both) < 0) throw systemCallError(`limit ${limit}`);
}

/**
 * Limits the CPU time of another process of this user, and of each one that it starts from then on:
 * the kernel ends it.
 *
 * @param pid Process id.
 * @param seconds Limit, in seconds.
 * @throws {NetlinkError} If the kernel refuses.
 */
export function limitCpu(pid: number, seconds: number): void {
  const both = new Uint8Array(new BigUint64Array([BigInt(seconds), BigInt(seconds)]).buffer);
  if (symbols().prlimit(pid, RLIMIT_CPU, both, null) < 0) throw systemCallError("limit CPU time");
}

/** Kills this process, and all of its group if it leads one, as programs of `spawn.ts` do. */
export function killWithGroup(): void {
  const isLeader = symbols().getpgrp() === Deno.pid;
  symbols().kill(isLeader ? 0 : Deno.pid, Number(SIGKILL));
}

/**
 * Returns the bytes of private writable memory of this process, used or not (`VmData`, proc(5)).
 */
export function dataSize(): number {
  const kib = /^VmData:\s+(\d+) kB/m.exec(readProcFile("/proc/self/status") ?? "")?.[1];
  return Number(kib ?? 0) * 1024;
}

/**
 * Sends SIGKILL to this process once its parent has ended. Must be called after a change of user,
 * which resets it.
 *
 * @param parent Process id of the parent.
 * @returns Whether that process still runs.
 */
export function endWithParent(parent: number): boolean {
  symbols().prctl(PR_SET_PDEATHSIG, SIGKILL, 0n, 0n, 0n);
  return symbols().getppid() === parent;
}

/** Forbids other processes of the same user to trace this one, and the kernel to write a core. */
export function forbidDumps(): void {
  symbols().prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n);
}

/** Returns whether this thread has any capability, as far as /proc shows (`CapPrm`, proc(5)). */
export function mayHaveCapabilities(): boolean {
  return !/^CapPrm:\s*0+$/m.test(readProcFile("/proc/self/status") ?? "");
}

/**
 * Makes this process the first victim of the kernel's out-of-memory killer (`oom_score_adj`,
 * proc(5)).
 */
export function raiseOomScore(): void {
  const c = libc();
  const fd = c.open(new TextEncoder().encode("/proc/self/oom_score_adj\0"), O_WRONLY_CLOEXEC);
  if (fd < 0) return;
  c.write(fd, new TextEncoder().encode("1000"), 4n);
  c.close(fd);
}

/** Ignores signals for the whole service, which the parent handles. */
export function ignoreSharedSignals(): void {
  for (const signal of Object.values(SHARED_SIGNALS)) symbols().signal(signal, SIG_IGN);
}
