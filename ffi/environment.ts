/** Reads environment variables through the C library. Deno's own function needs `--allow-env`. */

import { cString } from "./c_strings.ts";
import { lazySymbols } from "./libc.ts";

const SYMBOLS = {
  /** `char *getenv(const char *name)` (stdlib.h) */
  getenv: { parameters: ["buffer"], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

const symbols = lazySymbols(SYMBOLS);

/**
 * Returns a variable's value; undefined if it is not set.
 *
 * @param name Name, as in `HOME`.
 */
export function environmentVariable(name: string): string | undefined {
  const value = symbols().getenv(cString(name));
  return value === null ? undefined : Deno.UnsafePointerView.getCString(value);
}
