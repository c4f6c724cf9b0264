/**
 * Options of a JSON output in a configuration.
 *
 * @module
 */

import type { ConfigProblem } from "../../errors.ts";
import {
  described,
  type Entries,
  list,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  suggestion,
  text,
  yesOrNo,
} from "../../schema.ts";
import { fileEntries, type FileOptions, fileProblems } from "../file/options.ts";
import type { WithHostname } from "../host_name.ts";
import { ECS_FIELDS, HEADER_FIELDS, OCSF_FIELDS, TOP_FIELDS } from "./fields.ts";

/** Format of the lines. */
export type JsonFormat = "nfscribe" | "ecs" | "ocsf";

/** Fields that lines of each format may have at the top. */
export const FIELDS: Readonly<Record<JsonFormat, readonly string[]>> = {
  nfscribe: [...TOP_FIELDS, ...HEADER_FIELDS],
  ecs: ECS_FIELDS,
  ocsf: OCSF_FIELDS,
};

/** Options of the lines. */
const lineEntries = {
  format: described(
    "Format of the lines: nfscribe's own, the Elastic Common Schema, or OCSF's Network Activity.",
    optional(oneOf(["nfscribe", "ecs", "ocsf"]), "nfscribe"),
  ),
  fields: described(
    "Fields at the top of each line that are written; all that are known if left out.",
    omittable(list("names of fields")),
  ),
  payload: described(
    'Whether lines have the captured bytes, in base64; with format = "nfscribe".',
    optional(yesOrNo(), false),
  ),
  hostname: described(
    "Host name in the lines; this host's name if left out.",
    omittable(text("a host's name")),
  ),
} satisfies Entries;

/** Options of a JSON output in a configuration. */
export const jsonEntries = { ...fileEntries, ...lineEntries };

/** Options of the lines, with the host name and the identifier of the run. */
export type LineOptions = WithHostname<OptionsOf<typeof lineEntries>> & { session: string };
/** Options of a JSON output. */
export type JsonOptions = FileOptions & OptionsOf<typeof lineEntries>;

/** Returns problems of options that are valid one by one. */
export function jsonProblems(options: Partial<JsonOptions>): ConfigProblem[] {
  const { format = "nfscribe", fields, payload } = options;
  const problems = fileProblems(options);
  if (payload && format !== "nfscribe") {
    problems.push({
      key: "payload",
      message: `has no field in format = "${format}"; leave it out`,
    });
  }
  const known = FIELDS[format];
  for (const name of fields ?? []) {
    if (known.includes(name)) continue;
    problems.push({
      key: "fields",
      message: `format = "${format}" has no field "${name}"${suggestion(name, known)}`,
    });
  }
  return problems;
}
