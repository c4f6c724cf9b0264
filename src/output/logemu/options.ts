/**
 * Options of a LOGEMU output in a configuration.
 *
 * @module
 */

import type { ConfigProblem } from "../../errors.ts";
import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  someOf,
  text,
} from "../../schema.ts";
import { fileEntries, type FileOptions, fileProblems } from "../file/options.ts";
import type { WithHostname } from "../host_name.ts";

/** Program whose format of lines is written. */
export type Dialect = "ulogd2" | "ulogd1" | "kernel";

/**
 * An option of the kernel's LOG target (iptables-extensions(8)), such as `tcp-sequence` for
 * `--log-tcp-sequence`.
 */
export type LogOption = "tcp-sequence" | "tcp-options" | "ip-options" | "uid" | "macdecode";

/** All options of the LOG target. */
export const LOG_OPTIONS: readonly LogOption[] = [
  "tcp-sequence",
  "tcp-options",
  "ip-options",
  "uid",
  "macdecode",
];

/** Options of the lines. */
const lineEntries = {
  dialect: described(
    "Format of the lines: that of ulogd 2.0.8, ulogd 1.24, or the kernel's LOG target.",
    optional(oneOf(["ulogd2", "ulogd1", "kernel"]), "ulogd2"),
  ),
  logOptions: described(
    "Options of the LOG rule whose lines to write, with the kernel's dialect: what --log-tcp-sequence, " +
      "--log-tcp-options, --log-ip-options, --log-uid and --log-macdecode add.",
    optional(someOf(LOG_OPTIONS), []),
  ),
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
  const { dialect, logOptions = [] } = options;
  const problems = fileProblems(options);
  if (logOptions.length > 0 && dialect !== "kernel") {
    problems.push({
      key: "log_options",
      message: 'is for the lines of the kernel only; add dialect = "kernel", or leave it out',
    });
  }
  return problems;
}
