/** Options of outputs that write packets as LOGEMU or kernel lines. */

import type { ConfigProblem } from "../../errors.ts";
import { described, type Entries, oneOf, optional, type OptionsOf, someOf } from "../../schema.ts";

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
export const dialectEntries = {
  dialect: described(
    "Format of the lines: that of ulogd 2.0.8, ulogd 1.24, or the kernel's LOG target.",
    optional(oneOf(["ulogd2", "ulogd1", "kernel"]), "ulogd2"),
  ),
  logOptions: described(
    "Options of the LOG rule whose lines to write, with the kernel's dialect: what --log-tcp-sequence, " +
      "--log-tcp-options, --log-ip-options, --log-uid and --log-macdecode add.",
    optional(someOf(LOG_OPTIONS), []),
  ),
} satisfies Entries;

/** Options of the lines. */
export type DialectOptions = OptionsOf<typeof dialectEntries>;

/** Returns problems of options that are valid one by one. */
export function dialectProblems(
  { dialect, logOptions = [] }: Partial<DialectOptions>,
): ConfigProblem[] {
  if (logOptions.length === 0 || dialect === "kernel") return [];
  return [{
    key: "log_options",
    message: 'is for the lines of the kernel only; add dialect = "kernel", or leave it out',
  }];
}
