/** Columns of the flows tab, in the table that packets have, too. */

import type { Column } from "../table/column.ts";

/** Columns of flows. */
export const FLOW_COLUMNS: readonly Column[] = [];
