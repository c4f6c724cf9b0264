/** Options of a GPRINT output in a configuration. */

import { described, type Entries, optional, type OptionsOf, yesOrNo } from "../../schema.ts";
import { fileEntries } from "../file/options.ts";
import { keyEntries } from "../ulogd/options.ts";

/** Options of the lines. */
const lineEntries = {
  timestamp: described(
    "Whether a line begins with the local time at which the packet was received.",
    optional(yesOrNo(), false),
  ),
  ...keyEntries,
} satisfies Entries;

/** Options of a GPRINT output. */
export const gprintEntries = { ...fileEntries, ...lineEntries };

/** Options of the lines. */
export type GprintLineOptions = OptionsOf<typeof lineEntries>;
