/** Views of all columns of a table as people can read them. */

import type { Dialect } from "./dialect.ts";
import type { RecordTable } from "./record_table.ts";
import type { View, ViewedTable } from "./view.ts";

/** Types of columns that people may not be able to read as they are stored. */
export type Unreadable = "time" | "uuid" | "mac" | "address";

/**
 * Returns the view of all columns as people can read them.
 *
 * @param record The table's description.
 * @param table The table.
 * @param unreadable Types that people cannot read in this database.
 * @param further Further columns, in SQL.
 */
export function textView(
  { columns, records }: RecordTable,
  { name, quoted }: ViewedTable,
  dialect: Dialect,
  unreadable: readonly Unreadable[],
  further: readonly string[] = [],
): View {
  const readable = columns.map(([name, type]) => {
    const form = unreadable.find((one) => one === type);
    return form === undefined ? `  ${name}` : `  ${dialect[form](name)} AS ${name}`;
  });
  return {
    name: `${name}_text`,
    description: `${records} with values that people can read`,
    query: `SELECT\n${[...readable, ...further].join(",\n")}\nFROM ${quoted}`,
  };
}
