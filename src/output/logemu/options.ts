/** Options of a LOGEMU output in a configuration. */

import type { ConfigProblem } from "../../errors.ts";
import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  text,
} from "../../schema.ts";
import { fileEntries, type FileOptions, fileProblems } from "../file/options.ts";
import { dialectEntries, dialectProblems } from "../lines/options.ts";
import type { WithHostname } from "../host_name.ts";

/** Options of the lines. */
const lineEntries = {
  ...dialectEntries,
  timeFormat: described(
    "syslog: local time to the second; rfc3339: with zone and microseconds.",
    optional(oneOf(["syslog", "rfc3339"]), "syslog"),
  ),
  hostname: described(
    "Host name in the lines, cut at its first dot; this host's name if left out.",
    omittable(text("a host's name")),
  ),
} satisfies Entries;

/** Options of a LOGEMU output in a configuration. */
export const logemuEntries = { ...fileEntries, ...lineEntries };

/** Options of the lines, with the host name. */
export type LineOptions = WithHostname<OptionsOf<typeof lineEntries>>;
/** Options of a LOGEMU output. */
export type LogemuOptions = FileOptions & LineOptions;

/**
 * Returns problems of options that are valid one by one.
 *
 * @param options The options.
 */
export function logemuProblems(options: Partial<LogemuOptions>): ConfigProblem[] {
  return [...fileProblems(options), ...dialectProblems(options)];
}
