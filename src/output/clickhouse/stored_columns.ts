/** Columns of tables as ClickHouse has them. */

import type { ColumnType } from "../table/columns.ts";
import type { RecordTable } from "../table/record_table.ts";
import { MICROS, SECONDS, TYPES } from "./dialect.ts";

/** A table as statements need it. */
export interface TableForm {
  /** Its description. */
  record: RecordTable;
  /** Its name. */
  table: string;
  /** Whether its times are `DateTime64`, and a server with all features has made it. */
  isModern: boolean;
}

/** A column of a table. */
export interface StoredColumn {
  name: string;
  /** Its type in SQL. */
  type: string;
  description: string;
  /** Index and type of the value in a row that it holds; undefined for columns of the batch. */
  value?: { index: number; type: ColumnType };
}

/** Columns by which a batch that comes again is recognised. */
export const BATCH_COLUMNS: readonly StoredColumn[] = [
  { name: "spool", type: "UUID", description: "Writer of the spool that the row came through" },
  {
    name: "position",
    type: "UInt64",
    description: "Position in that spool up to which the row's batch went",
  },
];

/** Returns the columns of a table: those of a row, and those of its batch. */
export function storedColumns({ record, isModern }: Omit<TableForm, "table">): StoredColumn[] {
  return [
    ...record.columns.flatMap(([name, type, description], index): StoredColumn[] => {
      const value = { index, type };
      if (type !== "time" || isModern) {
        return [{ name, type: nullable(TYPES[type], index), description, value }];
      }
      return [
        { name, type: nullable(SECONDS, index), description, value },
        {
          name: name + MICROS,
          type: nullable("UInt32", index),
          description: `Microseconds within the second of ${name}`,
          value,
        },
      ];
    }),
    ...BATCH_COLUMNS,
  ];
}

/** Returns the type of a column that may be null, as all but the first one may. */
function nullable(type: string, index: number): string {
  return index === 0 || type.includes("Nullable") ? type : `Nullable(${type})`;
}
