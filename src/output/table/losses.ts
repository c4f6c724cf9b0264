/** The table of losses, the same in every database. Pure. */

import type { Column } from "./columns.ts";

/** End of the name of the table with losses, behind that of packets. */
export const LOSSES_SUFFIX = "_losses";

/** Columns of losses: name, type, description with units. */
export const LOSS_COLUMNS = [
  ["time", "time", "When the loss was noticed"],
  ["host", "text", "Host whose kernel had to drop them"],
  ["capture", "text", "Name of the source"],
  ["session", "uuid", "Run of nfscribe that noticed the loss"],
  ["packets", "count", "Packets or events that are not in the tables"],
] as const satisfies readonly Column[];
