/** `[log]`: nfscribe's own messages. */

import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  path,
  yesOrNo,
} from "../schema.ts";

/** Options of `[log]`. */
export const logEntries = {
  file: described(
    "The file; - is standard error.",
    optional(path("file", "a file's path, or - for standard error"), "-"),
  ),
  level: described(
    "The least important level that is logged.",
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
} satisfies Entries;

/** Options of nfscribe's own log. */
export type LogOptions = OptionsOf<typeof logEntries>;
