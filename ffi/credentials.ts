/**
 * Changes user, groups and capabilities of this process, in all of its threads.
 *
 * The kernel keeps users, capabilities and no_new_privs per thread. The C library changes user and
 * groups in every thread (`nptl(7)`). Capabilities are cleared by the change from root
 * (`capabilities(7)`), and no_new_privs is applied to all threads by a seccomp filter that allows
 * everything (`SECCOMP_FILTER_FLAG_TSYNC`, seccomp(2)). New threads inherit from the thread that
 * creates them.
 */

import { NetlinkError } from "../src/errors.ts";
import { readProcFile } from "./proc_file.ts";
import { lazySymbols } from "./libc.ts";
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

const symbols = lazySymbols(SYMBOLS);

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
/** Capabilities are numbered below this: a set has 64 bits. */
const CAPABILITIES = 64;
/** ID that setresuid(2) leaves unchanged. */
const NO_CHANGE = 0xffff_ffff;

/** User and groups. */
export interface Identity {
  uid: number;
  /** Primary group id. */
  gid: number;
  /** All group ids, including the primary one. */
  groups: readonly number[];
}

/** Returns the effective user id. */
export function effectiveUser(): number {
  return symbols().geteuid();
}

/**
 * Empties this thread's bounding set, as far as permitted; threads that it creates inherit that.
 * Other threads keep theirs, which has no effect after {@linkcode forbidNewPrivileges}.
 */
export function emptyBoundingSet(): void {
  // EPERM without CAP_SETPCAP, EINVAL after the kernel's last capability.
  for (let capability = 0; capability < CAPABILITIES; capability++) {
    if (symbols().prctl(PR_CAPBSET_DROP, BigInt(capability), 0n, 0n, 0n) < 0) return;
  }
}

/**
 * Clears the ambient set, so that programs started by this thread do not inherit capabilities
 * (capabilities(7)).
 */
export function dropAmbientCapabilities(): void {
  symbols().prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0n, 0n, 0n);
}

/**
 * Sets the groups in every thread; needs root. Permanent once {@linkcode becomeUser} follows.
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
 * Sets the real and effective user in every thread; started programs cannot change back. A process
 * of root can: the kernel keeps root as the saved user, with capabilities that are not effective.
 *
 * @throws {NetlinkError} If the kernel refuses.
 */
export function actFor(uid: number): void {
  if (symbols().setresuid(uid, uid, NO_CHANGE) < 0) throw systemCallError(`act for user ${uid}`);
}

/**
 * Changes to a user in every thread, permanently.
 *
 * @throws {NetlinkError} If the kernel refuses.
 */
export function becomeUser(uid: number): void {
  if (symbols().setresuid(uid, uid, uid) < 0) throw systemCallError(`change to user ${uid}`);
}

/**
 * Empties this thread's capability sets. A change from root does that in all threads, except for
 * the inheritable set.
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
 * Sets no_new_privs in every thread: started programs gain no rights. Without seccomp in the kernel
 * it applies only to this thread and those that it creates.
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

/** Returns whether this thread may change its user and groups (`CapEff`, proc(5)). */
export function mayChangeUser(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readProcFile("/proc/self/status") ?? "")?.[1];
  return (BigInt(`0x${effective ?? "0"}`) & CAP_SETGID_SETUID) === CAP_SETGID_SETUID;
}

/** Returns whether a user id is mapped in this user namespace (user_namespaces(7)). */
export function knowsUser(uid: number): boolean {
  return (readProcFile("/proc/self/uid_map") ?? "").trim().split("\n").some((line) => {
    const [inside = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return uid >= inside && uid < inside + count;
  });
}

/**
 * Tries to regain dropped rights.
 *
 * @returns Calls that succeeded; empty if none did.
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
