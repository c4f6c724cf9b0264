/**
 * The work of `nfscribe import`: a configuration out of ulogd's.
 *
 * @module
 */

import { importUlogd } from "../../import/ulogd/import.ts";
import type { ParsedOptions } from "../command.ts";
import { readInput } from "../input.ts";
import { DONE } from "../status.ts";

/** Does it; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const file = options.FILE!;
  const name = file === "-" ? "standard input" : file;
  console.log(importUlogd(await readInput(file), name));
  return DONE;
}
