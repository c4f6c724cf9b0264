/** The table `counters`. */

import { COUNTER_COLUMNS } from "./counter_columns.ts";
import { counterViewsOf } from "./counter_views.ts";
import type { RecordTable } from "./record_table.ts";
import { rowForm } from "./row_form.ts";

/** The table of counters. */
export const COUNTERS: RecordTable = {
  kind: "counter",
  name: "counters",
  option: "countersTable",
  records: "Counters",
  columns: COUNTER_COLUMNS,
  form: rowForm(COUNTER_COLUMNS),
  indexes: [],
  order: "seq",
  searched: [],
  views: counterViewsOf,
};
