/** Runs `nfscribe import`: translates ulogd's configuration. */

import { importUlogd } from "../../import/ulogd/import.ts";
import type {
  Counterparts,
  InputCounterpart,
  OutputCounterpart,
} from "../../import/ulogd/table.ts";
import { outputs } from "../../output/outputs.ts";
import { sources } from "../../source/sources.ts";
import type { ParsedOptions } from "../command.ts";
import { readInput } from "../input.ts";
import { DONE } from "../status.ts";

/** Runs the command; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const file = options.FILE!;
  const name = file === "-" ? "standard input" : file;
  console.log(importUlogd(await readInput(file), name, await loadCounterparts()));
  return DONE;
}

/** Loads the counterparts of ulogd's plugins. */
export async function loadCounterparts(): Promise<Counterparts> {
  const inputs: Record<string, InputCounterpart> = {};
  const counterparts: Record<string, OutputCounterpart> = {};
  for (const { replaces } of Object.values(sources)) {
    if (replaces !== undefined) inputs[replaces.plugin] = { make: await replaces.importer() };
  }
  for (const { replaces, buffering } of Object.values(outputs)) {
    if (replaces === undefined) continue;
    counterparts[replaces.plugin] = {
      make: await replaces.importer(),
      hasSpool: buffering === "spool",
    };
  }
  return { inputs, outputs: counterparts };
}
