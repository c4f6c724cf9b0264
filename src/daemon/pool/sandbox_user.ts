/** Chooses the user of sandboxes. */

import { effectiveUser, knowsUser, mayChangeUser } from "../../../ffi/credentials.ts";

/** User and group. */
export interface SandboxUser {
  uid: number;
  gid: number;
}

/** The user `nobody` (the kernel's overflow user, user_namespaces(7)). */
const NOBODY: SandboxUser = { uid: 65534, gid: 65534 };

/**
 * Returns the user that a new sandbox changes to: the configured one, or `nobody` if this process
 * runs as root. Undefined if it keeps the user of this process: another user than root, root
 * without the capabilities to change the user, or root of a user namespace in which that user does
 * not exist.
 *
 * @param configured User of the configuration, if it names one.
 */
export function sandboxUser(configured: SandboxUser | undefined): SandboxUser | undefined {
  if (effectiveUser() !== 0 || !mayChangeUser()) return undefined;
  const { uid, gid } = configured ?? NOBODY;
  return knowsUser(uid) ? { uid, gid } : undefined;
}
