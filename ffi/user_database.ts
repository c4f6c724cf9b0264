/**
 * Users and groups, asked from the C library: it looks where the system's
 * administrator says (nsswitch.conf), which need not be /etc/passwd.
 *
 * @module
 */

import { ERRNO, errnoText } from "./errno.ts";
import { openSymbols } from "./libc.ts";

/** Four functions of the same kind (pwd.h, grp.h): what is looked for, a record, memory, its size, the record found. */
const LOOK_UP = {
  byName: ["buffer", "buffer", "buffer", "usize", "buffer"],
  byNumber: ["u32", "buffer", "buffer", "usize", "buffer"],
} as const;

const SYMBOLS = {
  /** `int getpwnam_r(const char *name, struct passwd *pwd, char *buf, size_t buflen, struct passwd **result)` (pwd.h) */
  getpwnam_r: { parameters: LOOK_UP.byName, result: "i32" },
  /** `int getpwuid_r(uid_t uid, struct passwd *pwd, char *buf, size_t buflen, struct passwd **result)` (pwd.h) */
  getpwuid_r: { parameters: LOOK_UP.byNumber, result: "i32" },
  /** `int getgrnam_r(const char *name, struct group *grp, char *buf, size_t buflen, struct group **result)` (grp.h) */
  getgrnam_r: { parameters: LOOK_UP.byName, result: "i32" },
  /** `int getgrouplist(const char *user, gid_t group, gid_t *groups, int *ngroups)` (grp.h); the name as an address */
  getgrouplist: { parameters: ["u64", "u32", "buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

let opened: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;
const symbols = () => opened ??= openSymbols(SYMBOLS);

/** `sizeof(struct passwd)` (pwd.h): two addresses, `u32 pw_uid`, `u32 pw_gid`, three addresses. */
const PASSWD_SIZE = 48;
/** `sizeof(struct group)` (grp.h): two addresses, `u32 gr_gid`, padding, an address. */
const GROUP_SIZE = 32;
/** Memory for the texts of a record, in bytes; a group may have thousands of members. */
const TEXTS = { least: 4096, most: 16 * 1024 * 1024 };

/** `ERANGE` (asm-generic/errno-base.h): the memory was too small. */
const ERANGE = 34;
/** `ESRCH` (asm-generic/errno-base.h) */
const ESRCH = 3;
/** What the functions may say where there is no such record (getpwnam(3)). */
const ABSENT: readonly number[] = [0, ERRNO.ENOENT, ESRCH, ERRNO.EBADF, ERRNO.EPERM];

/** A user of the system. */
export interface SystemUser {
  /** The user's number. */
  uid: number;
  /** The user's primary group. */
  gid: number;
  /**
   * All groups that the user has at a login.
   *
   * @param gid The primary one.
   */
  groups(gid: number): number[];
}

/**
 * Looks for a user.
 *
 * @param user A name or a number.
 * @returns The user; undefined where there is no such user.
 * @throws {Error} If the system cannot tell.
 */
export function findUser(user: string | number): SystemUser | undefined {
  const c = symbols();
  const found = lookUp(
    PASSWD_SIZE,
    (...memory) =>
      typeof user === "number"
        ? c.getpwuid_r(user, ...memory)
        : c.getpwnam_r(encoded(user), ...memory),
  );
  if (found === undefined) return undefined;
  return {
    uid: found.record.getUint32(16, true),
    gid: found.record.getUint32(20, true),
    groups: (gid) => groupsOf(found, gid),
  };
}

/**
 * Looks for a group.
 *
 * @param name Its name.
 * @returns Its number; undefined where there is no such group.
 * @throws {Error} If the system cannot tell.
 */
export function findGroup(name: string): number | undefined {
  const found = lookUp(
    GROUP_SIZE,
    (...memory) => symbols().getgrnam_r(encoded(name), ...memory),
  );
  return found?.record.getUint32(16, true);
}

/** A record, and the memory that its addresses lead to: it must live as long. */
interface Found {
  record: DataView;
  texts: Uint8Array;
}

type Memory = [
  record: Uint8Array<ArrayBuffer>,
  texts: Uint8Array<ArrayBuffer>,
  size: bigint,
  result: Uint8Array<ArrayBuffer>,
];

/** Calls with more and more memory, until the record fits. */
function lookUp(recordSize: number, call: (...memory: Memory) => number): Found | undefined {
  const record = new Uint8Array(recordSize);
  const result = new BigUint64Array(1);
  for (let size = TEXTS.least;; size *= 4) {
    const texts = new Uint8Array(size);
    const errno = call(record, texts, BigInt(size), new Uint8Array(result.buffer));
    if (errno === ERANGE && size < TEXTS.most) continue;
    if (result[0] !== 0n) return { record: new DataView(record.buffer), texts };
    if (ABSENT.includes(errno)) return undefined;
    throw new Error(`the system's list of users cannot be read: ${errnoText(errno)}`);
  }
}

function groupsOf({ record, texts }: Found, gid: number): number[] {
  const name = record.getBigUint64(0, true);
  const count = new Int32Array(1);
  for (let room = 64;; room *= 4) {
    const groups = new Uint32Array(room);
    count[0] = room;
    const countBytes = new Uint8Array(count.buffer);
    const answer = symbols().getgrouplist(name, gid, new Uint8Array(groups.buffer), countBytes);
    // The kernel lets nobody have more than 65536 (`NGROUPS_MAX`, linux/limits.h).
    if (answer < 0 && room < 65536) continue;
    // The name lies in the texts.
    void texts;
    return [...groups.subarray(0, Math.min(count[0], room))];
  }
}

function encoded(name: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${name}\0`);
}
