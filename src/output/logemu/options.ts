/**
 * The options of a LOGEMU output, for configuration files.
 *
 * @module
 */

import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  text,
  yesOrNo,
} from "../../schema.ts";

/** Whose lines to write. */
export type Dialect = "ulogd2" | "ulogd1" | "kernel";

/** The options of a LOGEMU output, each with its value. */
export interface LogemuOptions {
  /** The file; `-` is standard output. */
  path: string;
  /** Whether every batch reaches the file at once, so that `tail -f` shows it. */
  sync: boolean;
  /** Whose lines to write: ulogd 2.0.8, ulogd 1.24, or the kernel's LOG target. */
  dialect: Dialect;
  /** Time as syslog has it (local, to the second), or as RFC 3339 with zone and microseconds. */
  timeFormat: "syslog" | "rfc3339";
  /** The host that the lines name; cut at its first dot. */
  hostname: string;
}

/** What a configuration may say under `[output.logemu]`. */
export const logemuEntries = {
  path: described(
    "The file; - is standard output.",
    text("a file's path, or - for standard output"),
  ),
  sync: described(
    "Whether every batch reaches the file at once, so that `tail -f` works.",
    optional(yesOrNo(), true),
  ),
  dialect: described(
    "Whose lines to write: ulogd 2.0.8, ulogd 1.24, or the kernel's LOG target.",
    optional(oneOf(["ulogd2", "ulogd1", "kernel"]), "ulogd2"),
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
