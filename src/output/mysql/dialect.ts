/** SQL of MySQL and MariaDB: types of columns, and expressions of views. */

import type { ColumnType } from "../table/columns.ts";
import type { Dialect } from "../table/dialect.ts";
import type { Unreadable } from "../table/text_view.ts";

/** Types of the table's columns. Addresses are bytes in network order, as `INET6_ATON` makes them. */
export const TYPES: Readonly<Record<ColumnType, string>> = {
  time: "DATETIME(6)",
  text: "TEXT",
  uuid: "BINARY(16)",
  uint8: "TINYINT UNSIGNED",
  uint16: "SMALLINT UNSIGNED",
  uint32: "INT UNSIGNED",
  length: "INT UNSIGNED",
  count: "BIGINT UNSIGNED",
  seconds: "DOUBLE",
  mac: "BINARY(6)",
  address: "VARBINARY(16)",
  json: "JSON",
  bytes: "MEDIUMBLOB",
};

/** Types that people cannot read. */
export const UNREADABLE: readonly Unreadable[] = ["uuid", "mac", "address"];

const SIZES = { 4: 4, 6: 16 };
const MAPPED = "x'00000000000000000000FFFF'";

/** MySQL's expressions. */
export const dialect: Dialect = {
  cast: (expression) => expression,
  differs: (expression, other) => `NOT (${expression} <=> ${other})`,
  less: (column, number) => `GREATEST(CAST(${column} AS SIGNED) - ${number}, 0)`,
  isVersion: (column, version) => `LENGTH(${column}) = ${SIZES[version]}`,
  address: (column) => `INET6_NTOA(${column})`,
  addressNumber: (column) =>
    `CASE WHEN LENGTH(${column}) = 4 THEN CONV(HEX(${column}), 16, 10) + 0 END`,
  uuid: uuidText,
  mac: (column) => separated(column, 6),
  time: (expression) => expression,
  minute: (expression) => `CAST(DATE_FORMAT(${expression}, '%Y-%m-%d %H:%i:00') AS DATETIME)`,
  seconds: (column) => `TIMESTAMPDIFF(SECOND, '1970-01-01', ${column})`,
  micros: (column) => `MICROSECOND(${column})`,
  isSet: (column, bit) => `(${column} & ${bit}) <> 0`,
  icmpColumn: (column) => column,
  ulogSource: (table) => table,
  linkHeader: `CONCAT(${separated("hardware_destination", 6)}, ':', ` +
    `${separated("hardware_source", 6)}, ':', ${ethertype()})`,
  // ulogd's own view has addresses of 16 bytes, which its functions take.
  ulogColumns: ["source", "destination"].map((end) => {
    const column = `${end}_address`;
    return [
      `ip_${end[0]}addr_bin`,
      `CASE WHEN LENGTH(${column}) = 4 THEN CONCAT(${MAPPED}, ${column}) ELSE ${column} END`,
    ];
  }),
};

/** Returns a UUID that people can read. */
function uuidText(column: string): string {
  const hex = `LOWER(HEX(${column}))`;
  const ends = [[1, 8], [9, 4], [13, 4], [17, 4], [21, 12]];
  const parts = ends.map(([at, length]) => `SUBSTR(${hex}, ${at}, ${length})`);
  return `CONCAT(${parts.join(", '-', ")})`;
}

/** Returns bytes in hexadecimal with colons; null for null. */
function separated(column: string, bytes: number): string {
  const pairs = Array.from(
    { length: bytes },
    (_, index) => `SUBSTR(LOWER(HEX(${column})), ${2 * index + 1}, 2)`,
  );
  return `CONCAT(${pairs.join(", ':', ")})`;
}

function ethertype(): string {
  const hex = "LPAD(LOWER(HEX(ethertype)), 4, '0')";
  return `CONCAT(SUBSTR(${hex}, 1, 2), ':', SUBSTR(${hex}, 3, 2))`;
}
