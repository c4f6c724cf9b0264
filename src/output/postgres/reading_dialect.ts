/** SQL of PostgreSQL for reading. */

import { POSTGRES } from "../../filter/expression/sql/dialect.ts";
import type { ReadingDialect } from "../table/reader/store.ts";
import { quotedName } from "./table.ts";

/** PostgreSQL's expressions. A row's address is its partition and its place there. */
export const reading: ReadingDialect = {
  conditions: POSTGRES,
  // The client would cut times to milliseconds, and change numbers in JSON.
  column: ([name, type]) =>
    `record.${quotedName(name)}` +
    (type === "time" || type === "json" ? `::text AS ${quotedName(name)}` : ""),
  timeColumn: (expression) => `(${expression})::text AS time`,
  time: timeLiteral,
  interval: (column, from, length) =>
    `floor(extract(epoch FROM ${column} - ${timeLiteral(from)}) * 1000000 / ${length})::bigint`,
  sum: (expression) => `sum(${expression})`,
  exact: (expression) => expression,
  order: () => ["ctid"],
  address: ["record.tableoid::bigint::text AS row_table", "record.ctid::text AS row_place"],
  idOf: ({ row_table: table, row_place: place }) => `${table}.${tidText(String(place))}`,
  isAt(id) {
    const [, table, block, offset] = /^(\d{1,10})\.(\d{1,10})\.(\d{1,5})$/.exec(id) ?? [];
    if (table === undefined) return undefined;
    return `record.tableoid = ${table} AND record.ctid = '(${block},${offset})'::tid`;
  },
};

/** Returns the place of a row, as in `(7,1)`, as in `7.1`. */
function tidText(place: string): string {
  return place.slice(1, -1).replace(",", ".");
}

function timeLiteral(micros: bigint): string {
  const rest = String(micros % 1_000_000n).padStart(6, "0");
  const seconds = new Date(Number(micros / 1_000_000n) * 1000).toISOString().slice(0, 19);
  // The end of what all databases know has five digits.
  return seconds.startsWith("+") ? "timestamptz 'infinity'" : `timestamptz '${seconds}.${rest}Z'`;
}
