/** The permission to open the C library. */

import { libcPath } from "../../ffi/libc.ts";
import type { Need } from "../permission.ts";

/** Returns the permission to open the C library. */
export function libcNeed(why: string): Need {
  return { name: "ffi", value: libcPath(), why };
}
