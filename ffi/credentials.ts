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

import { NetlinkError } from "../src/errors.ts";
import { readProcFile } from "./proc_file.ts";
import { openSymbols } from "./libc.ts";
import { systemCallError } from "./netlink_socket.ts";
import { loadSeccomp, seccompAllowingAll } from "./seccomp.ts";

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
} as const satisfies Deno.ForeignLibraryInterface;

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;
const symbols = () => opened ??= openSymbols(SYMBOLS);

/** `PR_CAPBSET_DROP` (linux/prctl.h) */
const PR_CAPBSET_DROP = 24;
/** `PR_CAP_AMBIENT` and `PR_CAP_AMBIENT_CLEAR_ALL` (linux/prctl.h) */
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4n;
/** `PR_SET_NO_NEW_PRIVS` (linux/prctl.h) */
const PR_SET_NO_NEW_PRIVS = 38;
/** `_LINUX_CAPABILITY_VERSION_3` (linux/capability.h) */
const LINUX_CAPABILITY_VERSION_3 = 0x20080522;
/** `CAP_SETGID` (6) and `CAP_SETUID` (7) (linux/capability.h), as a set */
const CAP_SETGID_SETUID = 0xc0n;
/** Capabilities are numbered from 0 to less than this: a set is 64 bits. */
const CAPABILITIES = 64;
/** An id that setresuid(2) leaves as it is. */
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

/** Keeps programs that this thread starts from having its ambient capabilities (capabilities(7)); its own stay. */
export function dropAmbientCapabilities(): void {
  symbols().prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0n, 0n, 0n);
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
  if (symbols().prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) < 0) {
    throw systemCallError("set no_new_privs");
  }
  try {
    loadSeccomp(seccompAllowingAll());
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
  }
}

/** Whether this thread may change its user and groups (`CapEff`, proc(5)). */
export function mayChangeUser(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readProcFile("/proc/self/status") ?? "")?.[1];
  return (BigInt(`0x${effective ?? "0"}`) & CAP_SETGID_SETUID) === CAP_SETGID_SETUID;
}

/**
 * Whether a user has a number in this user namespace (user_namespaces(7)).
 *
 * @param uid The number.
 */
export function knowsUser(uid: number): boolean {
  return (readProcFile("/proc/self/uid_map") ?? "").trim().split("\n").some((line) => {
    const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return uid >= inside && uid < inside + count;
  });
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
