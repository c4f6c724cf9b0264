/**
 * The user that sandboxes act for.
 *
 * @module
 */

import { effectiveUser, knowsUser, mayChangeUser } from "../../../ffi/credentials.ts";

/** A user and its group. */
export interface SandboxUser {
  /** The user's number. */
  uid: number;
  /** The group's number. */
  gid: number;
}

/** `nobody`: owns nothing (the kernel's overflow user, user_namespaces(7)). */
const NOBODY: SandboxUser = { uid: 65534, gid: 65534 };

/**
 * Returns the user that a sandbox becomes which is started now: the configured one, or
 * `nobody`, where this process acts for root. Undefined where it stays who this process
 * is: another user than root, root without the capabilities to change the user, or root
 * of a user namespace that does not know that user.
 *
 * @param configured The user that the configuration names, if it names one.
 */
export function sandboxUser(configured: SandboxUser | undefined): SandboxUser | undefined {
  if (effectiveUser() !== 0 || !mayChangeUser()) return undefined;
  const { uid, gid } = configured ?? NOBODY;
  return knowsUser(uid) ? { uid, gid } : undefined;
}
