/** The outputs of a configuration: whether they can be reached. Nothing is opened for writing. */

import type { Part } from "../config/config.ts";
import { queueOf } from "../config/outputs.ts";
import { folderOf } from "../files/place.ts";
import { type Finding, skipped } from "../finding.ts";
import type { Owner } from "../output/define.ts";
import { examineSpool } from "../output/file/examine.ts";
import { STANDARD_OUTPUT } from "../output/file/options.ts";
import { outputs as types } from "../output/outputs.ts";
import type { Need } from "../permission.ts";

/** Messages of Deno where a module cannot be loaded, as one in the home of another user. */
const NOT_LOADED = /^(Failed canonicalizing|Module not found|Import )/;

/** Returns the permissions that looking takes, beside those of `nfscribe run`. */
export function outputNeeds(outputs: readonly Part[]): Need[] {
  const paths = outputs.flatMap(({ options: { path } }) =>
    typeof path === "string" && path !== STANDARD_OUTPUT ? [path] : []
  );
  const why = "whether outputs can be reached";
  return [
    ...paths.map((path): Need => ({ name: "read", value: folderOf(path) || "./", why })),
    { name: "sys", value: "statfs", why },
    { name: "sys", value: "uid", why },
  ];
}

/**
 * Looks at an output; to be called as the user that nfscribe becomes.
 *
 * @param part The output.
 * @param owner That user; undefined where it stays who it is.
 * @param initCommand What makes a database's table.
 */
export async function outputFinding(
  part: Part,
  owner: Owner | undefined,
  initCommand: string,
): Promise<Finding> {
  const { name, type, options } = part;
  const examination = { check: `output ${name}`, owner, initCommand };
  const { buffering, examine } = types[type]!;
  const spool = queueOf(part)?.spool ?? options.spool;
  const waiting = typeof spool === "string" ? examineSpool(spool, examination) : undefined;
  // Where everything goes through the spool, that is what comes first.
  if (buffering === "spool" && waiting !== undefined) return waiting;
  let found;
  try {
    found = await examine(options, examination);
  } catch (error) {
    if (!(error instanceof TypeError && NOT_LOADED.test(error.message))) throw error;
    return skipped(
      examination.check,
      `${owner?.name ?? "this user"} may not read what nfscribe consists of: ${error.message}`,
    );
  }
  return found.state === "ok" ? waiting ?? found : found;
}
