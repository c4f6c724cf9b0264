/**
 * The user that sandboxes act for.
 *
 * @module
 */

import { effectiveUser, knowsUser, mayChangeUser } from "../../ffi/credentials.ts";

/** `nobody`: owns nothing (the kernel's overflow user, user_namespaces(7)). */
const NOBODY = 65534;

/**
 * Returns the user that a sandbox becomes which is started now: `nobody`, where this
 * process acts for root. Undefined where it stays who this process is: another user than
 * root, root without the capabilities to change the user, or root of a user namespace
 * that knows no `nobody`.
 */
export function sandboxUser(): { uid: number; gid: number } | undefined {
  return effectiveUser() === 0 && mayChangeUser() && knowsUser(NOBODY)
    ? { uid: NOBODY, gid: NOBODY }
    : undefined;
}
