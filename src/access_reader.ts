/** Use that the user whom this process acts for may make of a path. Nothing is opened. */

import { ERRNO } from "../ffi/errno.ts";
import { accessErrno } from "../ffi/files.ts";

/** Answer of {@linkcode accessTo}. */
export type Access = "yes" | "absent" | "denied" | "read-only";

/** `ENOTDIR`, `EROFS` (asm-generic/errno-base.h) */
const [ENOTDIR, EROFS] = [20, 30];

/**
 * Asks whether a path can be used.
 *
 * @param ways What is to be done with it; a folder is written by making files in it.
 */
export function accessTo(path: string, ways: Parameters<typeof accessErrno>[1]): Access {
  switch (accessErrno(path, ways)) {
    case 0:
      return "yes";
    case ERRNO.ENOENT:
    case ENOTDIR:
      return "absent";
    case EROFS:
      return "read-only";
    default:
      return "denied";
  }
}
