/** Options of outputs whose rows go to a server. */

import { described, type Entries, optional, text, yesOrNo } from "../../schema.ts";
import { rowEntries } from "../delivery/options.ts";

/** Returns the options of the tables; `packets` describes that of packets. */
export function tableEntries(packets: string) {
  return {
    table: described(packets, optional(text("a table's name"), "packets")),
    create: described(
      "Whether the start creates the table, or migrates an older one.",
      optional(yesOrNo(), false),
    ),
    ...rowEntries,
  } satisfies Entries;
}
