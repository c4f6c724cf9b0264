/** The table `flows`. */

import { FLOW_COLUMNS } from "./flow_columns.ts";
import { flowViewsOf } from "./flow_views.ts";
import type { RecordTable } from "./record_table.ts";
import { rowForm } from "./row_form.ts";

/** The table of flows. Its indexes find a translated address and port; others take no room there. */
export const FLOWS: RecordTable = {
  kind: "flow",
  name: "flows",
  option: "flowsTable",
  records: "Flows",
  columns: FLOW_COLUMNS,
  form: rowForm(FLOW_COLUMNS),
  indexes: [{
    name: "nat_source",
    columns: ["reply_destination", "reply_destination_port"],
    present: ["nat_source", "nat_source_port"],
  }, {
    name: "nat_destination",
    columns: ["original_destination", "original_destination_port"],
    present: ["nat_destination", "nat_destination_port"],
  }],
  order: "id",
  searched: ["original_source", "original_destination"],
  views: flowViewsOf,
};
