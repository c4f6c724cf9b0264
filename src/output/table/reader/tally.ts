/** Counts values of columns row by row: databases that would read or sort the rows for each column are slower. Pure. */

import type { StoredValue, StoredValues } from "../stored_values.ts";
import type { TallyQuery } from "./store.ts";

/** Sums of the rows with a value. */
interface Sums {
  records: number;
  bytes: number;
}

/** Returns a query of the bytes and the columns of each row. Text is quicker to look up than bytes. */
export function tallyRows({ bytes, columns, from }: TallyQuery): string {
  const values = columns.map(([sql, type], index) =>
    `${type === "address" ? `hex(${sql})` : sql} AS value_${index}`
  );
  return `SELECT ${[`${bytes} AS size`, ...values].join(", ")} FROM ${from}`;
}

/** Counts rows of {@linkcode tallyRows}. */
export class Tally {
  readonly #columns: TallyQuery["columns"];
  readonly #values: readonly Map<StoredValue, Sums>[];
  readonly #all: Sums = { records: 0, bytes: 0 };

  constructor({ columns }: TallyQuery) {
    this.#columns = columns;
    this.#values = columns.map(() => new Map());
  }

  /** Counts a row. */
  add(row: readonly StoredValue[]): void {
    const bytes = Number(row[0]);
    this.#all.records++;
    this.#all.bytes += bytes;
    for (const [column, values] of this.#values.entries()) {
      const value = row[column + 1]!;
      const sums = values.get(value);
      if (sums === undefined) values.set(value, { records: 1, bytes });
      else {
        sums.records++;
        sums.bytes += bytes;
      }
    }
  }

  /** Returns rows of a column's number, a value and its sums; all rows are those of column -1. */
  found(): StoredValues[] {
    const found = this.#values.flatMap((values, list) =>
      [...values].filter(([value]) => value !== null && value !== "")
        .map(([value, sums]) => ({ list, value: this.#valueOf(list, value), ...sums }))
    );
    return [{ list: -1, value: null, ...this.#all }, ...found];
  }

  #valueOf(list: number, value: StoredValue): StoredValue {
    return this.#columns[list]![1] === "address" ? Uint8Array.fromHex(String(value)) : value;
  }
}
