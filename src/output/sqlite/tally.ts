/** Counts values of columns in the rows of a query. */

import type { StatementSync } from "node:sqlite";
import type { ColumnType } from "../table/columns.ts";
import type { StoredValue, StoredValues } from "../table/stored_values.ts";

/** Sums of the rows with a value. */
interface Sums {
  records: number;
  bytes: number;
}

/**
 * Counts rows.
 *
 * @param statement Its rows have the bytes first, then the columns: addresses in hexadecimal.
 * @param types Types of the columns.
 * @returns Rows of the number of a column, a value and its sums; -1 is the number of all rows.
 */
export function tallyOf(statement: StatementSync, types: readonly ColumnType[]): StoredValues[] {
  (statement as unknown as { setReturnArrays(on: boolean): void }).setReturnArrays(true);
  const columns = types.map(() => new Map<StoredValue, Sums>());
  const all = { records: 0, bytes: 0 };
  for (const row of statement.all() as unknown as readonly StoredValue[][]) {
    const bytes = row[0] as number;
    all.records++;
    all.bytes += bytes;
    for (let column = 0; column < columns.length; column++) {
      const value = row[column + 1]!;
      const sums = columns[column]!.get(value);
      if (sums === undefined) columns[column]!.set(value, { records: 1, bytes });
      else {
        sums.records++;
        sums.bytes += bytes;
      }
    }
  }
  const found = columns.flatMap((values, list) =>
    [...values].filter(([value]) => value !== null && value !== "")
      .map(([value, sums]) => ({
        list,
        value: types[list] === "address" ? Uint8Array.fromHex(String(value)) : value,
        ...sums,
      }))
  );
  return [{ list: -1, value: null, ...all }, ...found];
}
