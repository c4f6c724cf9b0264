/** Rights for keys. */

import type { Need } from "../../permission.ts";
import { libcNeed } from "../../source/libc_need.ts";

/** Returns the rights that keys are better with: neither is required. */
export function keyboardNeeds(): Need[] {
  return [
    { name: "env", value: "TERM", why: "the type of terminal", isOptional: true },
    { ...libcNeed("Ctrl-Z"), isOptional: true },
  ];
}
