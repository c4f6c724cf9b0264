/** A table of records of one kind, described once for every database. */

import type { Column } from "./columns.ts";
import type { Dialect } from "./dialect.ts";
import type { RowForm } from "./row_form.ts";
import type { View, ViewedTable } from "./view.ts";

/** Kinds of record that have a table. */
export type TableKind = "packet" | "flow" | "counter";

/** Names of an output's tables in its database, by the kind of their records. */
export type TableNames = Readonly<Record<TableKind, string>>;

/** Options of an output that name its tables. */
export type TableOption = "table" | "flowsTable" | "countersTable";

/** An index that a table has from its beginning, beside that of times. */
export interface TableIndex {
  /** End of its name, behind the table's. */
  name: string;
  /** Its columns. */
  columns: readonly string[];
  /** Columns of which one is not null in the rows that it is for. */
  present: readonly string[];
}

/** Returns the condition of rows that an index is for. */
export function presentCondition({ present }: TableIndex): string {
  return `(${present.map((column) => `${column} IS NOT NULL`).join(" OR ")})`;
}

/** A table of records of one kind. */
export interface RecordTable {
  /** The kind. */
  kind: TableKind;
  /** Its name where nothing else is said; views of a table with another name are named after it. */
  name: string;
  /** The output's option that names it. */
  option: TableOption;
  /** Its records, as in Packets. */
  records: string;
  /** Its columns, in the order of a row; the first is the time. */
  columns: readonly Column[];
  /** Forms of the values of a row. */
  form: RowForm;
  /** Indexes that it has from its beginning. */
  indexes: readonly TableIndex[];
  /** Column that orders records of the same time. */
  order: string;
  /** Columns that `nfscribe db index` makes indexes of. */
  searched: readonly string[];
  /** Returns its views, in every database. */
  views(table: ViewedTable, dialect: Dialect): View[];
}
