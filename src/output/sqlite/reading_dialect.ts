/** SQL of SQLite for reading. */

import { SQLITE } from "../../filter/expression/sql/dialect.ts";
import type { ReadingDialect } from "../table/reader/store.ts";
import { quoted } from "./schema.ts";

/** SQLite's expressions. A row's address is its number. */
export const reading: ReadingDialect = {
  conditions: SQLITE,
  column: ([name]) => `record.${quoted(name)}`,
  timeColumn: (expression) => `${expression} AS time`,
  time: String,
  interval: (column, from, length) => `(${column} - ${from}) / ${length}`,
  // Sums of integers have a limit.
  sum: (expression) => `total(${expression})`,
  exact: (expression) => expression,
  order: () => ["rowid"],
  address: ["record.rowid AS row_number"],
  idOf: ({ row_number: number }) => String(number),
  isAt: (id) => /^\d{1,18}$/.test(id) ? `record.rowid = ${id}` : undefined,
};
