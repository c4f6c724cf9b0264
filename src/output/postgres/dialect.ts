/** SQL of PostgreSQL for the expressions of views. */

import type { Dialect } from "../table/dialect.ts";
import type { ColumnType } from "../table/columns.ts";

/** PostgreSQL's types of the table's columns. */
export const TYPES: Readonly<Record<ColumnType, string>> = {
  time: "timestamptz",
  text: "text",
  uuid: "uuid",
  uint8: "smallint",
  uint16: "integer",
  uint32: "bigint",
  length: "integer",
  count: "bigint",
  seconds: "double precision",
  mac: "macaddr",
  address: "inet",
  json: "jsonb",
  bytes: "bytea",
};

const ETHERTYPE = "regexp_replace(lpad(to_hex(ethertype), 4, '0'), '(..)(..)', '\\1:\\2')";

/** PostgreSQL's own types are what people can read. */
export const dialect: Dialect = {
  cast: (expression, type) => `${expression}::${type}`,
  differs: (expression, other) => `${expression} IS DISTINCT FROM ${other}`,
  less: (column, number) => `greatest(${column} - ${number}, 0)`,
  isVersion: (column, version) => `family(${column}) = ${version}`,
  address: (column) => column,
  // ulogd 1 has the type in PostgreSQL, too.
  addressNumber: (column) => column,
  uuid: (column) => column,
  mac: (column) => column,
  time: (expression) => expression,
  minute: (expression) => `date_trunc('minute', ${expression})`,
  // Infinity has no seconds.
  seconds: (column) =>
    `CASE WHEN isfinite(${column}) THEN floor(extract(epoch FROM ${column})) END::bigint`,
  micros: (column) =>
    `CASE WHEN isfinite(${column}) THEN extract(microseconds FROM ${column})::integer % 1000000 END`,
  isSet: (column, bit) => `(${column} & ${bit}) <> 0`,
  icmpColumn: (column) => column,
  ulogSource: (table) => table,
  linkHeader: `hardware_destination || ':' || hardware_source || ':' || ${ETHERTYPE}`,
  ulogColumns: [],
};
