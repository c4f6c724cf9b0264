/** Forms of the values of a table's rows, by column. */

import type { Column, ColumnType } from "./columns.ts";
import { INET, JSONB_VERSION } from "./row.ts";

/** Forms of values: integers, times, text and UUIDs, which are often those of the row before. */
export const [NUMBER, TIME, REPEATED, REAL, OTHER] = [1, 2, 3, 4, 5] as const;

/** Forms of the values of a row. */
export interface RowForm {
  /** Types by column. */
  readonly types: readonly ColumnType[];
  /** Forms by column: a look at them is quicker than one at a type's name. */
  readonly forms: Uint8Array;
  /** Sizes of values by column, in bytes; 0 for those that vary. */
  readonly sizes: Uint8Array;
}

/** Returns the forms of a table's rows. */
export function rowForm(columns: readonly Column[]): RowForm {
  const types = columns.map(([, type]) => type);
  return {
    types,
    forms: Uint8Array.from(types, formOf),
    sizes: Uint8Array.from(types, (type) => sizeOf(type) ?? 0),
  };
}

/** Returns the largest number of a type of integers. */
export function mostOf(type: ColumnType): number {
  return type === "count" ? Number.MAX_SAFE_INTEGER : 0xffff_ffff;
}

/** Returns the size of a type's values in bytes; undefined if they vary. */
function sizeOf(type: ColumnType): number | undefined {
  switch (type) {
    case "uint8":
      return 2;
    case "uint16":
    case "length":
      return 4;
    case "uint32":
    case "count":
    case "seconds":
    case "time":
      return 8;
    case "mac":
      return 6;
    case "uuid":
      return 16;
    default:
      return undefined;
  }
}

/** Returns whether the value at an offset has a size that is valid for its type. */
export function hasSize(type: ColumnType, bytes: Uint8Array, at: number, length: number): boolean {
  switch (type) {
    case "address":
      return length === (bytes[at] === INET ? 8 : 20);
    case "json":
      return length > 0 && bytes[at] === JSONB_VERSION;
    case "text":
    case "bytes":
      return true;
    default:
      return length === sizeOf(type);
  }
}

function formOf(type: ColumnType): number {
  switch (type) {
    case "uint8":
    case "uint16":
    case "uint32":
    case "length":
    case "count":
      return NUMBER;
    case "time":
      return TIME;
    case "text":
    case "uuid":
      return REPEATED;
    case "seconds":
      return REAL;
    default:
      return OTHER;
  }
}
