/** Runs `nfscribe try`: this process becomes the command. */

import { becomeProgram } from "../../privileges/become.ts";
import type { ParsedOptions } from "../command.ts";
import { commandWord } from "../init/place.ts";
import script from "./in_namespace.sh" with { type: "text" };

/** Does it; returns only by an error. */
export function execute({ COMMAND }: ParsedOptions): Promise<number> {
  const words = COMMAND?.split("\0") ?? [];
  return becomeProgram(["sh", "-c", script, commandWord(), ...words]);
}
