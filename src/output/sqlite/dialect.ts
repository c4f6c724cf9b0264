/** SQL of SQLite: types of columns, and expressions of views. */

import type { ColumnType } from "../table/columns.ts";
import type { Dialect } from "../table/dialect.ts";
import type { Unreadable } from "../table/text_view.ts";

/**
 * SQLite's types of the table's columns. Addresses are bytes in network order, 4 or 16, which sort and can be
 * searched by network; times are microseconds since the Unix epoch.
 */
export const TYPES: Readonly<Record<ColumnType, "INTEGER" | "REAL" | "TEXT" | "BLOB">> = {
  time: "INTEGER",
  text: "TEXT",
  uuid: "BLOB",
  uint8: "INTEGER",
  uint16: "INTEGER",
  uint32: "INTEGER",
  length: "INTEGER",
  count: "INTEGER",
  seconds: "REAL",
  mac: "BLOB",
  address: "BLOB",
  json: "TEXT",
  bytes: "BLOB",
};

/** Types that people cannot read. */
export const UNREADABLE: readonly Unreadable[] = ["time", "uuid", "mac", "address"];

/** Bytes of each address. */
const SIZES = { 4: 4, 6: 16 };

/** SQLite's expressions. */
export const dialect: Dialect = {
  cast: (expression) => expression,
  differs: (expression, other) => `${expression} IS NOT ${other}`,
  less: (column, number) => `max(${column} - ${number}, 0)`,
  isVersion: (column, version) => `length(${column}) = ${SIZES[version]}`,
  address: addressText,
  addressNumber(column) {
    const value = [0, 1, 2, 3].map((index) => `(${byte(column, index)} << ${8 * (3 - index)})`);
    return `CASE WHEN length(${column}) = 4 THEN ${value.join(" + ")} END`;
  },
  uuid: uuidText,
  mac: (column) => separated(column, 6),
  time: (expression) =>
    `strftime('%Y-%m-%dT%H:%M:%S', (${expression}) / 1000000, 'unixepoch') || ` +
    `printf('.%06dZ', (${expression}) % 1000000)`,
  minute: (expression) => `strftime('%Y-%m-%dT%H:%M:00Z', (${expression}) / 1000000, 'unixepoch')`,
  seconds: (column) => `${column} / 1000000`,
  micros: (column) => `${column} % 1000000`,
  isSet: (column, bit) => `(${column} & ${bit}) <> 0`,
  icmpColumn: (column) => column,
  ulogSource: (table) => table,
  linkHeader: `${separated("hardware_destination", 6)} || ':' || ` +
    `${separated("hardware_source", 6)} || ':' || ` +
    "printf('%02x:%02x', ethertype >> 8, ethertype & 255)",
  ulogColumns: [],
};

/** Returns a UUID that people can read. */
function uuidText(column: string): string {
  const ends = [[1, 8], [9, 4], [13, 4], [17, 4], [21, 12]];
  const parts = ends.map(([at, length]) => `substr(lower(hex(${column})), ${at}, ${length})`);
  return `CASE WHEN ${column} IS NOT NULL THEN ${parts.join(" || '-' || ")} END`;
}

/** Returns the value of a byte. */
function byte(column: string, index: number): string {
  const digit = (at: number) => `instr('123456789ABCDEF', substr(hex(${column}), ${at}, 1))`;
  return `(${digit(2 * index + 1)} * 16 + ${digit(2 * index + 2)})`;
}

/** Returns bytes in hexadecimal with colons; null for null. */
function separated(column: string, bytes: number): string {
  const pairs = Array.from(
    { length: bytes },
    (_, index) => `substr(lower(hex(${column})), ${2 * index + 1}, 2)`,
  );
  return `CASE WHEN ${column} IS NOT NULL THEN ${pairs.join(" || ':' || ")} END`;
}

function dotted(column: string, from: number): string {
  return [0, 1, 2, 3].map((index) => byte(column, from + index)).join(" || '.' || ");
}

/** Returns an address as PostgreSQL and nfscribe write it (RFC 5952). */
function addressText(column: string): string {
  const groups = Array.from({ length: 8 }, (_, index) => {
    const digits = `substr(lower(hex(${column})), ${4 * index + 1}, 4)`;
    // The last digit stays, also of 0000.
    return `ltrim(substr(${digits}, 1, 3), '0') || substr(${digits}, 4)`;
  });
  const runs = [8, 7, 6, 5, 4, 3, 2].map((length) => `:${"0:".repeat(length)}`);
  // The first of the longest runs of zeros becomes "::".
  const found = runs.map((run) => `WHEN instr(t, '${run}') > 0 THEN '${run}'`).join(" ");
  const ipv6 = `(SELECT CASE WHEN z IS NULL THEN trim(t, ':') ELSE ` +
    "substr(t, 2, max(instr(t, z) - 2, 0)) || '::' || " +
    "rtrim(substr(t, instr(t, z) + length(z)), ':') END FROM " +
    `(SELECT t, CASE ${found} END AS z FROM ` +
    `(SELECT ':' || ${groups.join(" || ':' || ")} || ':' AS t)))`;
  return `CASE WHEN length(${column}) = 4 THEN ${dotted(column, 0)} ` +
    `WHEN substr(hex(${column}), 1, 24) = '00000000000000000000FFFF' ` +
    `THEN '::ffff:' || ${dotted(column, 12)} ` +
    `WHEN length(${column}) = 16 THEN ${ipv6} END`;
}
