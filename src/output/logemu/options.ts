/**
 * The options of a LOGEMU output, for configuration files.
 *
 * @module
 */

import type { ConfigProblem } from "../../errors.ts";
import { described, type Entries, omittable, oneOf, optional, someOf, text } from "../../schema.ts";
import { fileEntries, type FileOptions, fileProblems } from "../file/options.ts";

/** Whose lines to write. */
export type Dialect = "ulogd2" | "ulogd1" | "kernel";

/** An option of the kernel's LOG target (iptables-extensions(8)), as in `--log-tcp-sequence`. */
export type LogOption = "tcp-sequence" | "tcp-options" | "ip-options" | "uid" | "macdecode";

/** All of them. */
export const LOG_OPTIONS: readonly LogOption[] = [
  "tcp-sequence",
  "tcp-options",
  "ip-options",
  "uid",
  "macdecode",
];

/** The options of a LOGEMU output, each with its value. */
export interface LogemuOptions extends FileOptions {
  /** Whose lines to write: ulogd 2.0.8, ulogd 1.24, or the kernel's LOG target. */
  dialect: Dialect;
  /** Options of the LOG target whose lines to write; only the kernel's dialect has them. */
  logOptions: readonly LogOption[];
  /** Time as syslog has it (local, to the second), or as RFC 3339 with zone and microseconds. */
  timeFormat: "syslog" | "rfc3339";
  /** The host that the lines name; cut at its first dot. */
  hostname: string;
}

/** What a configuration may say under `[output.logemu]`. */
export const logemuEntries = {
  ...fileEntries,
  dialect: described(
    "Whose lines to write: ulogd 2.0.8, ulogd 1.24, or the kernel's LOG target.",
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
    "The host that the lines name, cut at its first dot; this host's name if left out.",
    omittable(text("a host's name")),
  ),
} satisfies Entries & { [Name in keyof LogemuOptions]: unknown };

/**
 * Finds what is wrong with options that are right one by one.
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
