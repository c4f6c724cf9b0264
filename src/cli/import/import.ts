/** Runs `nfscribe import`: translates ulogd's configuration. */

import { actionLines, actionNotes, knownActions } from "../../import/actions/known.ts";
import { comment } from "../../import/comment.ts";
import { importUlogd } from "../../import/ulogd/import.ts";
import { ServicePaths } from "../../import/ulogd/service_paths.ts";
import type {
  Counterparts,
  InputCounterpart,
  OutputCounterpart,
} from "../../import/ulogd/table.ts";
import { outputs } from "../../output/outputs.ts";
import { realPlace } from "../../files/real_place.ts";
import { kindOf } from "../../source/define.ts";
import { sources } from "../../source/sources.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { readInput } from "../input.ts";
import { allowFiles, serviceUser } from "./service.ts";
import { DONE } from "../status.ts";

/** Runs the command; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const file = options.FILE!;
  const { rules } = options;
  if (file === "-" && rules === "-") {
    throw new UsageError("Standard input is either ulogd's configuration or --rules; name a file");
  }
  const name = file === "-" ? "standard input" : file;
  const user = options.service === undefined ? undefined : serviceUser();
  const paths = new ServicePaths({ keeps: user !== undefined, follow: realPlace });
  const text = importUlogd(await readInput(file), name, await loadCounterparts(), paths);
  console.log(
    [text, ...rules === undefined ? [] : actionsTable(await readInput(rules))].join("\n"),
  );
  if (user !== undefined) console.error(allowFiles(paths.kept, name, user));
  return DONE;
}

/** Returns the table of actions that rules tell. */
function actionsTable(rules: string): string[] {
  const known = knownActions(rules);
  const lines = [...actionLines(known), ...actionNotes(known).map(comment)];
  return lines.length === 0 ? [] : ["", "[actions] # as the rules tell", ...lines];
}

/** Loads the counterparts of ulogd's plugins. */
export async function loadCounterparts(): Promise<Counterparts> {
  const inputs: Record<string, InputCounterpart> = {};
  const counterparts: Record<string, OutputCounterpart> = {};
  for (const source of Object.values(sources)) {
    const { replaces } = source;
    if (replaces === undefined) continue;
    inputs[replaces.plugin] = { make: await replaces.importer(), kind: kindOf(source, {}) };
  }
  for (const { replaces, buffering, kinds } of Object.values(outputs)) {
    if (replaces === undefined) continue;
    counterparts[replaces.plugin] = {
      make: await replaces.importer(),
      kinds,
      hasSpool: buffering === "spool",
    };
  }
  return { inputs, outputs: counterparts };
}
