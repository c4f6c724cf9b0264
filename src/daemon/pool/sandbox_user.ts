/** Chooses the user of sandboxes. */

import { effectiveUser, knowsUser, mayChangeUser } from "../../../ffi/credentials.ts";

/** User and group. */
export interface SandboxUser {
  uid: number;
  gid: number;
}

/** Overflow user and group (`DEFAULT_OVERFLOWUID`, linux/highuid.h), which own nothing. */
const OVERFLOW: SandboxUser = { uid: 65534, gid: 65534 };

/**
 * Returns the user that a new sandbox changes to: the configured one, or the overflow user if
 * this process runs as root. Undefined if it keeps the user of this process: another user than root, root
 * without the capabilities to change the user, or root of a user namespace in which that user does
 * not exist.
 *
 * @param configured User of the configuration, if it names one.
 */
export function sandboxUser(configured: SandboxUser | undefined): SandboxUser | undefined {
  if (effectiveUser() !== 0 || !mayChangeUser()) return undefined;
  const { uid, gid } = configured ?? OVERFLOW;
  return knowsUser(uid) ? { uid, gid } : undefined;
}
