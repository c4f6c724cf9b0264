/** Options of a NATS source in a configuration. */

import type { ConfigProblem } from "../../errors.ts";
import { natsEntries, natsProblems } from "../../nats/options.ts";
import { streamEntries, streamProblems } from "../../nats/stream_options.ts";
import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  path,
  text,
} from "../../schema.ts";

/** Options of a NATS source. */
export const natsSourceEntries = {
  ...natsEntries,
  ...streamEntries,
  kind: described(
    "Kind of the records that it reads; another source, with another consumer, reads another kind.",
    optional(oneOf(["packet", "flow", "counter"]), "packet"),
  ),
  consumer: described(
    "The durable consumer. Of several nfscribe with the same one, one reads and the others stand by.",
    optional(text("a consumer's name"), "nfscribe"),
  ),
  quarantine: described(
    "Folder for messages that nfscribe cannot read, 64 MiB at the most; they are deleted if left out.",
    omittable(path("folder", "a folder's path")),
  ),
} satisfies Entries;

/** Checked options of the source. */
export type NatsSourceOptions = OptionsOf<typeof natsSourceEntries>;

/** Returns problems of options that are valid one by one. */
export function natsSourceProblems(options: Partial<NatsSourceOptions>): ConfigProblem[] {
  const problems = [...natsProblems(options), ...streamProblems(options)];
  // The names that the server refuses.
  if (options.consumer !== undefined && !/^[\w-]{1,255}$/.test(options.consumer)) {
    problems.push({ key: "consumer", message: "must be letters, digits, - and _" });
  }
  return problems;
}
