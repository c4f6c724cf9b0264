/**
 * The options of a LOGEMU output, for configuration files.
 *
 * @module
 */

import { described, type Entries, omittable, oneOf, optional, text } from "../../schema.ts";
import { fileEntries, type FileOptions } from "../file/options.ts";

/** Whose lines to write. */
export type Dialect = "ulogd2" | "ulogd1" | "kernel";

/** The options of a LOGEMU output, each with its value. */
export interface LogemuOptions extends FileOptions {
  /** Whose lines to write: ulogd 2.0.8, ulogd 1.24, or the kernel's LOG target. */
  dialect: Dialect;
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
  timeFormat: described(
    "syslog: local time to the second; rfc3339: with zone and microseconds.",
    optional(oneOf(["syslog", "rfc3339"]), "syslog"),
  ),
  hostname: described(
    "The host that the lines name, cut at its first dot; this host's name if left out.",
    omittable(text("a host's name")),
  ),
} satisfies Entries & { [Name in keyof LogemuOptions]: unknown };
