/** Folders whose owner must not change: those of the system, and those that many programs share. */

import { normalPath } from "./path.ts";

/** Folders of the system; `/dev/shm/` has folders of users. */
const SYSTEM = /^\/(?:$|(?:etc|usr|bin|sbin|lib[^/]*|boot|efi|proc|sys|dev(?!\/shm\/.))\/)/;
/** Folders that are shared: the topmost ones, and some below them. */
const SHARED =
  /^\/(?:[^/]*\/)?$|^\/(?:var|home|dev)\/[^/]+\/$|^\/run\/(?:lock|systemd|user(?:\/[^/]+)?)\/$/;

/**
 * Returns whether a path is one of the system's own: `/` or below `/etc`, `/usr`, `/boot` and the
 * like.
 *
 * @param path An absolute path, as of a file or a folder; `..` is resolved, links are not followed.
 *
 * @example
 * ```ts
 * import { isOfSystem } from "./system_folders.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isOfSystem("/srv/fw/../../etc/cron.d"), true);
 * assertEquals(isOfSystem("/srv/fw"), false);
 * ```
 */
export function isOfSystem(path: string): boolean {
  return SYSTEM.test(ended(path));
}

/**
 * Returns whether a folder is shared by many programs or users, as `/var/log` or `/tmp`, or is the
 * home of a user.
 *
 * @param folder Its absolute path; `..` is resolved, links are not followed.
 */
export function isShared(folder: string): boolean {
  return SHARED.test(ended(folder));
}

/** Returns whether a path must stay its owner's: one of the system's, or a shared folder. */
export function mustStay(path: string): boolean {
  return isOfSystem(path) || isShared(path);
}

/** Returns the normalized path with `/` at its end. */
function ended(path: string): string {
  return `${normalPath(path)}/`.replace(/\/+$/, "/");
}
