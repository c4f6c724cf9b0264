/**
 * Whom this process acts for, changed for good and for all of its threads.
 *
 * The kernel knows users, capabilities and no_new_privs of threads, not of
 * processes. The C library changes user and groups in every thread (`nptl(7)`).
 * Capabilities go with the way down from root (`capabilities(7)`), and
 * no_new_privs is spread by a seccomp filter that lets everything pass
 * (`SECCOMP_FILTER_FLAG_TSYNC`, seccomp(2)). Threads that are made later have what
 * their maker has.
 *
 * @module
 */

import { ERRNO, lastErrno } from "./errno.ts";
import { openSymbols } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";

const SYMBOLS = {
  /** `uid_t geteuid(void)` (unistd.h) */
  geteuid: { parameters: [], result: "u32" },
  /** `int setgroups(size_t size, const gid_t *list)` (grp.h) */
  setgroups: { parameters: ["usize", "buffer"], result: "i32" },
  /** `int setresgid(gid_t rgid, gid_t egid, gid_t sgid)` (unistd.h) */
  setresgid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  /** `int setresuid(uid_t ruid, uid_t euid, uid_t suid)` (unistd.h) */
  setresuid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  /** `int prctl(int op, …)` (sys/prctl.h); of this thread only */
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  /** `int capset(cap_user_header_t hdrp, const cap_user_data_t datap)` (capset(2)); of this thread only */
  capset: { parameters: ["buffer", "buffer"], result: "i32" },
  /** `long syscall(long number, …)` (unistd.h), for seccomp(2), which has no function of its own */
  syscall: {
    parameters: ["i64", "i64", "i64", "buffer"] as [
      number: "i64",
      operation: "i64",
      flags: "i64",
      args: "buffer",
    ],
    result: "i64",
  },
  /** Where memory lies: `memcpy` returns the address of its first argument. Deno's own way takes the whole FFI right. */
  addressOf: { name: "memcpy", parameters: ["buffer", "buffer", "usize"], result: "u64" },
} as const satisfies Deno.ForeignLibraryInterface;

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;
const symbols = () => opened ??= openSymbols(SYMBOLS);

/** `PR_CAPBSET_DROP` (linux/prctl.h) */
const PR_CAPBSET_DROP = 24;
/** `PR_SET_NO_NEW_PRIVS` (linux/prctl.h) */
const PR_SET_NO_NEW_PRIVS = 38;
/** `_LINUX_CAPABILITY_VERSION_3` (linux/capability.h) */
const LINUX_CAPABILITY_VERSION_3 = 0x20080522;
/** Capabilities are numbered from 0 to less than this: a set is 64 bits. */
const CAPABILITIES = 64;
/** The system call's number (asm/unistd.h). */
const SYS_SECCOMP = { x86_64: 317n, aarch64: 277n } as const;
/** `SECCOMP_SET_MODE_FILTER` (linux/seccomp.h) */
const SECCOMP_SET_MODE_FILTER = 1n;
/** `SECCOMP_FILTER_FLAG_TSYNC` (linux/seccomp.h): all threads. */
const SECCOMP_FILTER_FLAG_TSYNC = 1n;
/** `SECCOMP_FILTER_FLAG_SPEC_ALLOW` (linux/seccomp.h): old kernels slow filtered threads down without it. */
const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4n;
/** `BPF_RET | BPF_K` (linux/bpf_common.h) */
const BPF_RET_K = 6;
/** `SECCOMP_RET_ALLOW` (linux/seccomp.h) */
const SECCOMP_RET_ALLOW = 0x7fff0000;

/** What setresuid(2) takes for an id that stays. */
const NO_CHANGE = 0xffff_ffff;

/** Whom a process may act for. */
export interface Identity {
  /** The user's number. */
  uid: number;
  /** The primary group's number. */
  gid: number;
  /** All groups, the primary one among them. */
  groups: readonly number[];
}

/** The user whom this process acts for. */
export function effectiveUser(): number {
  return symbols().geteuid();
}

/**
 * Empties this thread's bounding set, as far as it may: threads that it makes
 * later have none either. Those that are there keep theirs, with which nothing
 * can be done once {@linkcode forbidNewPrivileges} holds.
 */
export function emptyBoundingSet(): void {
  // EPERM without CAP_SETPCAP, EINVAL past the last one that this kernel has.
  for (let capability = 0; capability < CAPABILITIES; capability++) {
    if (symbols().prctl(PR_CAPBSET_DROP, BigInt(capability), 0n, 0n, 0n) < 0) return;
  }
}

/**
 * Takes on groups, in every thread, for good once {@linkcode becomeUser} follows;
 * only root may.
 *
 * @throws {NetlinkError} If the kernel refuses.
 */
export function takeGroups({ gid, groups }: Identity): void {
  const c = symbols();
  const list = new Uint8Array(new Uint32Array(groups).buffer);
  if (c.setgroups(BigInt(groups.length), list) < 0) throw systemCallError("set groups");
  if (c.setresgid(gid, gid, gid) < 0) throw systemCallError(`change to group ${gid}`);
}

/**
 * Acts for a user from now on, in every thread; programs that are started have no
 * way back. This process has, if it was root: the kernel keeps that as its saved
 * user, and the capabilities, none of which are in effect meanwhile.
 *
 * @throws {NetlinkError} If the kernel refuses.
 */
export function actFor(uid: number): void {
  if (symbols().setresuid(uid, uid, NO_CHANGE) < 0) throw systemCallError(`act for user ${uid}`);
}

/**
 * Becomes a user in every thread, for good.
 *
 * @throws {NetlinkError} If the kernel refuses.
 */
export function becomeUser(uid: number): void {
  if (symbols().setresuid(uid, uid, uid) < 0) throw systemCallError(`change to user ${uid}`);
}

/**
 * Empties this thread's capability sets. On the way down from root the kernel does
 * that in all threads, but for the inheritable set.
 *
 * @throws {NetlinkError} If the kernel refuses.
 */
export function emptyCapabilities(): void {
  // struct __user_cap_header_struct: version, thread (0 is this one).
  const header = new Uint8Array(new Uint32Array([LINUX_CAPABILITY_VERSION_3, 0]).buffer);
  // Two times struct __user_cap_data_struct: effective, permitted, inheritable.
  if (symbols().capset(header, new Uint8Array(24)) < 0) throw systemCallError("drop capabilities");
}

/**
 * Sets no_new_privs in every thread: no program that is started gives more rights.
 * Where the kernel has no seccomp it is this thread and those that it makes.
 *
 * @throws {NetlinkError} If the kernel refuses it for this thread.
 */
export function forbidNewPrivileges(): void {
  const c = symbols();
  if (c.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) < 0) throw systemCallError("set no_new_privs");
  // struct sock_filter (linux/filter.h): u16 code, u8 jt, u8 jf, u32 k.
  const filter = new DataView(new ArrayBuffer(8));
  filter.setUint16(0, BPF_RET_K, true);
  filter.setUint32(4, SECCOMP_RET_ALLOW, true);
  const filterBytes = new Uint8Array(filter.buffer);
  // struct sock_fprog (linux/filter.h): u16 len, padding, struct sock_filter *filter.
  const program = new DataView(new ArrayBuffer(16));
  program.setUint16(0, 1, true);
  program.setBigUint64(8, c.addressOf(filterBytes, filterBytes, 0n), true);
  const load = (flags: bigint) =>
    c.syscall(
      SYS_SECCOMP[Deno.build.arch],
      SECCOMP_SET_MODE_FILTER,
      flags,
      new Uint8Array(program.buffer),
    );
  const loaded = load(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
  // Linux before 4.17 does not know the second flag.
  if (loaded < 0n && lastErrno() === ERRNO.EINVAL) load(SECCOMP_FILTER_FLAG_TSYNC);
  // The program knows the filter by its address only.
  void filterBytes;
}

/**
 * Tries to take back what was given up.
 *
 * @returns What succeeded, in a few words; empty if all is as it should be.
 */
export function regain(): string[] {
  const c = symbols();
  const attempts: [string, () => number][] = [
    ["setresuid(0, 0, 0)", () => c.setresuid(0, 0, 0)],
    ["setresgid(0, 0, 0)", () => c.setresgid(0, 0, 0)],
    ["setgroups([0])", () => c.setgroups(1n, new Uint8Array(4))],
  ];
  return attempts.filter(([, attempt]) => attempt() === 0).map(([name]) => name);
}
