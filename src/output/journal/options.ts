/** Options of a journal output in a configuration. */

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
  wholeNumber,
} from "../../schema.ts";
import { dialectEntries, dialectProblems } from "../lines/options.ts";
import { SEVERITIES } from "../lines/severity.ts";
import { COUNTER_FIELDS } from "../json/fields.ts";
import { FLOW_PAIR_NAMES, PAIR_NAMES } from "../pairs/names.ts";

/** `sizeof(sun_path)` without its closing zero (linux/un.h), in bytes. */
const PATH_MAX = 107;

/** Names of the fields that entries may have. */
const FIELDS: readonly string[] = [
  ...new Set<string>([...PAIR_NAMES, ...FLOW_PAIR_NAMES, ...COUNTER_FIELDS]),
];

/** Options of a journal output. */
export const journalEntries = {
  socket: described(
    "The journal's socket; that of a namespace is /run/systemd/journal.NAMESPACE/socket.",
    optional(text("a socket's absolute path"), "/run/systemd/journal/socket"),
  ),
  identifier: described(
    "Value of SYSLOG_IDENTIFIER, which journalctl -t finds.",
    optional(text("a name"), "nfscribe"),
  ),
  priority: described(
    "Value of PRIORITY; action: warning for dropped and rejected packets, info for accepted and " +
      "logged ones, notice where [actions] names none.",
    optional(oneOf(["action", ...SEVERITIES]), "action"),
  ),
  fields: described(
    "Fields NFSCRIBE_… of the entries, by their names at the top of the structured form, of flows as in " +
      "replyBytes and natSource, too; all that are known if left out.",
    omittable(list("names of fields")),
  ),
  ...dialectEntries,
  timeoutMs: described(
    "How long the journal may take nothing before it is tried again, in milliseconds.",
    optional(wholeNumber(100, 600_000), 30_000),
  ),
} satisfies Entries;

/** Options of a journal output. */
export type JournalOptions = OptionsOf<typeof journalEntries>;

/** Returns problems of options that are valid one by one. */
export function journalProblems(options: Partial<JournalOptions>): ConfigProblem[] {
  const { socket = "/", fields = [] } = options;
  const problems = dialectProblems(options);
  if (!socket.startsWith("/") || new TextEncoder().encode(socket).length > PATH_MAX) {
    problems.push({
      key: "socket",
      message: `must be an absolute path of at most ${PATH_MAX} bytes, not "${socket}"`,
    });
  }
  for (const name of fields) {
    if (FIELDS.includes(name)) continue;
    problems.push({
      key: "fields",
      message: `the structured form has no "${name}" at its top${suggestion(name, FIELDS)}`,
    });
  }
  return problems;
}
