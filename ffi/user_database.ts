/** Looks up users and groups through the C library, which follows the system's nsswitch.conf. */

import { cString } from "./c_strings.ts";
import { ERRNO, errnoText } from "./errno.ts";
import { lazySymbols } from "./libc.ts";

/** Signatures of four functions (pwd.h, grp.h): key, record, memory, its size, record found. */
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

const symbols = lazySymbols(SYMBOLS);

/** `sizeof(struct passwd)` (pwd.h): two addresses, `u32 pw_uid`, `u32 pw_gid`, three addresses. */
const PASSWD_SIZE = 48;
/** `sizeof(struct group)` (grp.h): two addresses, `u32 gr_gid`, padding, an address. */
const GROUP_SIZE = 32;
/**
 * Size of the memory for the texts of a record, in bytes; a group may have thousands of members.
 */
const TEXTS = { least: 4096, most: 16 * 1024 * 1024 };

/** `ERANGE` (asm-generic/errno-base.h): the memory was too small. */
const ERANGE = 34;
/** `ESRCH` (asm-generic/errno-base.h) */
const ESRCH = 3;
/** Results that may mean that there is no such record (getpwnam(3)). */
const ABSENT: readonly number[] = [0, ERRNO.ENOENT, ESRCH, ERRNO.EBADF, ERRNO.EPERM];

/** User of the system. */
export interface SystemUser {
  uid: number;
  /** Primary group id. */
  gid: number;
  /**
   * Returns all groups of the user at a login.
   *
   * @param gid Primary group.
   */
  groups(gid: number): number[];
}

/**
 * Looks up a user.
 *
 * @param user Name or number.
 * @returns User; undefined if there is no such user.
 * @throws {Error} If the lookup fails.
 */
export function findUser(user: string | number): SystemUser | undefined {
  const c = symbols();
  const found = lookUp(
    PASSWD_SIZE,
    (...memory) =>
      typeof user === "number"
        ? c.getpwuid_r(user, ...memory)
        : c.getpwnam_r(cString(user), ...memory),
  );
  if (found === undefined) return undefined;
  return {
    uid: found.record.getUint32(16, true),
    gid: found.record.getUint32(20, true),
    groups: (gid) => groupsOf(found, gid),
  };
}

/**
 * Looks up a group.
 *
 * @returns Group id; undefined if there is no such group.
 * @throws {Error} If the lookup fails.
 */
export function findGroup(name: string): number | undefined {
  const found = lookUp(
    GROUP_SIZE,
    (...memory) => symbols().getgrnam_r(cString(name), ...memory),
  );
  return found?.record.getUint32(16, true);
}

/** Record, and the memory that its pointers refer to. */
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

/** Repeats a call with more memory until the record fits. */
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
    // Linux limits a user to 65536 groups (`NGROUPS_MAX`, linux/limits.h).
    if (answer < 0 && room < 65536) continue;
    // The name is in the memory of the texts.
    void texts;
    return [...groups.subarray(0, Math.min(count[0], room))];
  }
}
