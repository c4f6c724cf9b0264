/**
 * `[log]`: nfscribe's own messages.
 *
 * @module
 */

import { described, type Entries, omittable, oneOf, optional, path, yesOrNo } from "../schema.ts";

/** How nfscribe tells about itself. */
export interface LogOptions {
  /** A file; `-` is standard error. */
  file: string;
  /** The least important level that is told. */
  level: "debug" | "info" | "warn" | "error";
  /** For people or for machines. */
  format: "text" | "json";
  /** Whether lines begin with a priority for the journal; absent: if that reads standard error. */
  journal?: boolean;
}

/** What a configuration may say under `[log]`. */
export const logEntries = {
  file: described(
    "The file; - is standard error.",
    optional(path("a file's path, or - for standard error"), "-"),
  ),
  level: described(
    "The least important level that is told.",
    optional(oneOf(["debug", "info", "warn", "error"]), "info"),
  ),
  format: described(
    "text for people, json for machines: a record a line.",
    optional(oneOf(["text", "json"]), "text"),
  ),
  journal: described(
    "Whether each line begins with its priority, as in <6>, for systemd's journal. Left out: " +
      "whether the journal reads standard error, where JOURNAL_STREAM may be read.",
    omittable(yesOrNo()),
  ),
} satisfies Entries & { [Name in keyof LogOptions]: unknown };
