/** The table `packets`. */

import { COLUMNS } from "./columns.ts";
import type { RecordTable } from "./record_table.ts";
import { rowForm } from "./row_form.ts";
import { viewsOf } from "./views.ts";

/** The table of packets. */
export const PACKETS: RecordTable = {
  kind: "packet",
  name: "packets",
  option: "table",
  records: "Packets",
  columns: COLUMNS,
  form: rowForm(COLUMNS),
  indexes: [],
  order: "seq",
  searched: ["source_address", "destination_address"],
  views: viewsOf,
};
