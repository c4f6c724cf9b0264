/** SQL of ClickHouse: types of columns, and expressions of views. */

import { clickhouseFor } from "../../filter/expression/sql/dialect.ts";
import { ETH_P_IPV6 } from "../../packet/ether_types.ts";
import type { ColumnType } from "../table/columns.ts";
import type { Dialect } from "../table/dialect.ts";
import type { TableKind } from "../table/record_table.ts";
import type { Unreadable } from "../table/text_view.ts";

/**
 * Types of the table's columns. Addresses are 16 bytes in network order, those of IPv4 mapped into
 * IPv6, as `IPv6StringToNum` makes them.
 */
export const TYPES: Readonly<Record<ColumnType, string>> = {
  time: "DateTime64(6, 'UTC')",
  text: "LowCardinality(Nullable(String))",
  uuid: "Nullable(UUID)",
  uint8: "Nullable(UInt8)",
  uint16: "Nullable(UInt16)",
  uint32: "Nullable(UInt32)",
  length: "Nullable(UInt32)",
  mac: "Nullable(FixedString(6))",
  address: "Nullable(FixedString(16))",
  count: "Nullable(UInt64)",
  seconds: "Nullable(Float64)",
  json: "Nullable(String)",
  bytes: "Nullable(String)",
};

/** Type of `time` on servers without `DateTime64`; a column that ends with {@linkcode MICROS} has the rest. */
export const SECONDS = "DateTime('UTC')";
/** End of the names of columns of the microseconds within the second, on such servers. */
export const MICROS = "_micros";

/** Names of columns of times in an expression. */
const TIMES = /\b(?:start_|end_)?time\b/g;

/** Types that people cannot read. */
export const UNREADABLE: readonly Unreadable[] = ["mac", "address"];

/** Types of casts. */
const CASTS: Readonly<Record<string, string>> = {
  smallint: "Int16",
  integer: "Int32",
  bigint: "Int64",
  text: "String",
};

/**
 * Returns ClickHouse's expressions.
 *
 * @param kind Kind of the table's records.
 * @param isModern Whether its times are `DateTime64`.
 */
export function dialectOf(kind: TableKind, isModern: boolean): Dialect {
  const { isVersion } = clickhouseFor(kind);
  const micros = (column: string) => `toUnixTimestamp64Micro(${column})`;
  return {
    cast: (expression, type) => `CAST(${expression} AS Nullable(${CASTS[type]}))`,
    differs: (expression, other) => `NOT ifNull(${expression} = ${other}, 0)`,
    less: (column, number) => `greatest(toInt64(${column}) - ${number}, toInt64(0))`,
    isVersion,
    address: (column) => addressText(column, kind),
    addressNumber: (column) =>
      `CASE WHEN ${isVersion(column, 4)} THEN ` +
      `reinterpretAsUInt32(reverse(substring(${column}, 13, 4))) END`,
    uuid: (column) => `toString(${column})`,
    mac: macText,
    time: (expression) => expression,
    minute: (expression) => `toStartOfMinute(${expression})`,
    seconds: (column) => isModern ? `intDiv(${micros(column)}, 1000000)` : `toUInt32(${column})`,
    micros: (column) =>
      isModern ? `${micros(column)} % 1000000` : column.replaceAll(TIMES, `$&${MICROS}`),
    isSet: (column, bit) => `bitAnd(${column}, ${bit}) <> 0`,
    // In a query, the name of one of its own columns is that column everywhere.
    icmpColumn: (column) => `any_${column}`,
    ulogSource: (table) =>
      `(SELECT *, icmp_type AS any_icmp_type, icmp_code AS any_icmp_code FROM ${table})`,
    linkHeader: `concat(${macText("hardware_destination")}, ':', ${
      macText("hardware_source")
    }, ':', ${ethertype()})`,
    ulogColumns: [],
  };
}

/** Returns an address that people can read. */
function addressText(column: string, kind: TableKind): string {
  const text = `IPv6NumToString(${column})`;
  const plain = `replaceRegexpOne(${text}, '^::ffff:([0-9.]+)$', '\\\\1')`;
  // Of flows, only the addresses tell the version.
  if (kind !== "packet") return plain;
  return `CASE WHEN ethertype = ${ETH_P_IPV6} THEN ${text} ELSE ${plain} END`;
}

/** Returns a hardware address that people can read; null for null. */
function macText(column: string): string {
  const pairs = Array.from(
    { length: 6 },
    (_, index) => `substring(lower(hex(${column})), ${2 * index + 1}, 2)`,
  );
  return `concat(${pairs.join(", ':', ")})`;
}

function ethertype(): string {
  // Zeros at the beginning are left out.
  const hex = "lower(hex(toUInt32(ethertype + 65536)))";
  return `concat(substring(${hex}, 3, 2), ':', substring(${hex}, 5, 2))`;
}
