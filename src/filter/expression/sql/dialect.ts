/** Differences of the databases in the SQL of expressions. */

import { ETH_P_IPV6 } from "../../../packet/ether_types.ts";
import { ANY_TEXT, ONE_CHARACTER, type Pattern } from "../../../text/pattern.ts";

/** Database's SQL for the conditions of expressions. */
export interface SqlDialect {
  /** Returns whether a column is exactly a text. */
  isText(column: string, text: string): string;
  /** Returns whether a pattern matches all of a column. */
  matches(column: string, pattern: Pattern): string;
  /** Returns whether an address is one of IPv4 or of IPv6. */
  isVersion(column: string, version: 4 | 6): string;
  /** Returns an address of 4 or 16 bytes. */
  address(bytes: Uint8Array): string;
  /** Returns whether an address is one from a first to a last one, of 4 or 16 bytes. */
  isWithin(column: string, first: Uint8Array, last: Uint8Array): string;
  /** Returns a hardware address of 6 bytes. */
  mac(bytes: Uint8Array): string;
  /** Returns whether a hardware address is one of a group. */
  isGroupAddress(column: string): string;
  /** Returns whether an array of JSON has a number. */
  hasNumber(column: string, number: number): string;
  /** Returns a column as a number of 64 bits. */
  integer(column: string): string;
  /** Returns the whole part of a quotient. */
  divide(dividend: string, divisor: string): string;
  /** Returns the bits of two numbers joined, or those of one shifted. */
  bits(operator: BitOperator, one: string, other: string | number): string;
  /** Returns whether a condition is false or unknown. */
  isNotTrue(condition: string): string;
}

/** Operators of bits. */
export type BitOperator = "&" | "|" | "<<" | ">>";

/** Parts that most databases have in common. */
const COMMON: Pick<SqlDialect, "isWithin" | "bits" | "isNotTrue"> = {
  isWithin(this: SqlDialect, column, first, last) {
    const isIn = isBetween(this, column, first, last);
    if (first.toHex() === last.toHex()) return isIn;
    return `(${this.isVersion(column, first.length === 4 ? 4 : 6)} AND ${isIn})`;
  },
  bits: (operator, one, other) => `(${one} ${operator} ${other})`,
  isNotTrue: (condition) => `(${condition}) IS NOT TRUE`,
};

/** Character that keeps the next one in patterns of `LIKE`. */
const ESCAPE = "|";

/** PostgreSQL: addresses are `inet` and `macaddr`. */
export const POSTGRES: SqlDialect = {
  ...COMMON,
  isText: (column, text) => `${column} = ${postgresText(text)}`,
  matches: (column, pattern) =>
    `${column} LIKE ${postgresText(likePattern(pattern))} ESCAPE '${ESCAPE}'`,
  isVersion: (column, version) => `family(${column}) = ${version}`,
  address: (bytes) => `inet '${addressText(bytes)}'`,
  mac: (bytes) => `macaddr '${bytes.toHex()}'`,
  isGroupAddress: (column) => `${column} & macaddr '010000000000' <> macaddr '000000000000'`,
  hasNumber: (column, number) => `${column} @> '${number}'`,
  integer: (column) => `${column}::bigint`,
  divide: (dividend, divisor) => `${dividend} / ${divisor}`,
};

/** MySQL and MariaDB: addresses are bytes in network order. */
export const MYSQL: SqlDialect = {
  ...COMMON,
  // Compared as bytes: text may differ in case or in blanks at its end and be equal.
  isText: (column, text) => `CAST(${column} AS BINARY) = ${hexText(text)}`,
  matches: (column, pattern) =>
    `${column} LIKE _utf8mb4 ${
      hexText(likePattern(pattern))
    } COLLATE utf8mb4_bin ESCAPE '${ESCAPE}'`,
  isVersion: (column, version) => `LENGTH(${column}) = ${version === 4 ? 4 : 16}`,
  address: (bytes) => `x'${bytes.toHex()}'`,
  mac: (bytes) => `x'${bytes.toHex()}'`,
  isGroupAddress: (column) => `CONV(SUBSTR(HEX(${column}), 2, 1), 16, 10) % 2 = 1`,
  hasNumber: (column, number) => `JSON_CONTAINS(${column}, '${number}')`,
  integer: (column) => column,
  divide: (dividend, divisor) => `${dividend} DIV ${divisor}`,
};

/** SQLite: addresses are bytes in network order. */
export const SQLITE: SqlDialect = {
  ...COMMON,
  isText: (column, text) => `${column} = '${text.replaceAll("'", "''")}'`,
  matches: (column, pattern) => `${column} GLOB '${globPattern(pattern).replaceAll("'", "''")}'`,
  isVersion: (column, version) => `length(${column}) = ${version === 4 ? 4 : 16}`,
  address: (bytes) => `x'${bytes.toHex()}'`,
  mac: (bytes) => `x'${bytes.toHex()}'`,
  isGroupAddress: (column) => `instr('13579BDF', substr(hex(${column}), 2, 1)) > 0`,
  hasNumber: (column, number) =>
    `EXISTS (SELECT 1 FROM json_each(${column}) WHERE value = ${number})`,
  integer: (column) => column,
  divide: (dividend, divisor) => `${dividend} / ${divisor}`,
};

/** Functions of ClickHouse for operators that it lacks. */
const BIT_FUNCTIONS: Readonly<Record<BitOperator, string>> = {
  "&": "bitAnd",
  "|": "bitOr",
  "<<": "bitShiftLeft",
  ">>": "bitShiftRight",
};
/** First 12 bytes of IPv4 addresses among those of IPv6 (RFC 4291 section 2.5.5.2). */
const MAPPED = "00000000000000000000ffff";

/** ClickHouse: addresses are 16 bytes in network order, those of IPv4 mapped into IPv6. */
const CLICKHOUSE_COMMON: Omit<SqlDialect, "isVersion" | "isWithin"> = {
  isText: (column, text) => `${column} = ${clickhouseText(text)}`,
  matches: (column, pattern) => `${column} LIKE ${clickhouseText(clickhousePattern(pattern))}`,
  address: (bytes) => fixed(bytes.length === 4 ? MAPPED + bytes.toHex() : bytes.toHex()),
  mac: (bytes) => fixed(bytes.toHex()),
  isGroupAddress: (column) => `position('13579BDF', substring(hex(${column}), 2, 1)) > 0`,
  hasNumber: (column, number) => `match(${column}, '[[, ]${number}[], ]')`,
  integer: (column) => `toInt64(${column})`,
  divide: (dividend, divisor) => `intDiv(${dividend}, ${divisor})`,
  bits(operator, one, other) {
    // A number has as few bits as it takes, and a shift keeps them.
    const number = operator === "<<" ? `toInt64(${one})` : one;
    return `${BIT_FUNCTIONS[operator]}(${number}, ${other})`;
  },
  isNotTrue: (condition) => `NOT ifNull(${condition}, 0)`,
};

/** ClickHouse's table of packets: an IPv6 header may hold a mapped address itself. */
export const CLICKHOUSE: SqlDialect = {
  ...CLICKHOUSE_COMMON,
  isVersion(column, version) {
    const isIpv4 = notInIpv6(isMapped(column));
    return version === 4 ? isIpv4 : `(NOT ${isIpv4})`;
  },
  isWithin(column, first, last) {
    const isIn = isBetween(this, column, first, last);
    if (first.length === 4) return notInIpv6(isIn);
    const hasMapped = first.toHex() <= `${MAPPED}ffffffff` && last.toHex() >= `${MAPPED}00000000`;
    return hasMapped ? `(${this.isVersion(column, 6)} AND ${isIn})` : isIn;
  },
};

/** ClickHouse's table of flows: a mapped address is one of IPv4. */
const CLICKHOUSE_FLOWS: SqlDialect = {
  ...CLICKHOUSE_COMMON,
  isVersion: (column, version) => version === 4 ? isMapped(column) : `(NOT ${isMapped(column)})`,
  isWithin: COMMON.isWithin,
};

/** Returns ClickHouse's SQL for the table of a kind of record. */
export function clickhouseFor(kind: "packet" | "flow" | "counter"): SqlDialect {
  return kind === "packet" ? CLICKHOUSE : CLICKHOUSE_FLOWS;
}

/** Returns whether an address is one of IPv4 that is mapped into IPv6. */
function isMapped(column: string): string {
  const [first, last] = ["00000000", "ffffffff"].map((end) => fixed(MAPPED + end));
  return `(${column} BETWEEN ${first} AND ${last})`;
}

/** Returns whether an address is one of a range, whatever its version. */
function isBetween(
  { address }: SqlDialect,
  column: string,
  first: Uint8Array,
  last: Uint8Array,
): string {
  return first.toHex() === last.toHex()
    ? `${column} = ${address(first)}`
    : `${column} BETWEEN ${address(first)} AND ${address(last)}`;
}

/** Returns whether a mapped address fulfils a condition, and does not stand in a header of IPv6. */
function notInIpv6(condition: string): string {
  return `(${condition} AND ifNull(ethertype, 0) <> ${ETH_P_IPV6})`;
}

/** Returns bytes of a fixed size. */
function fixed(hex: string): string {
  return `toFixedString(unhex('${hex}'), ${hex.length / 2})`;
}

function clickhouseText(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}

function clickhousePattern(pattern: Pattern): string {
  return patternText(pattern, { [ANY_TEXT]: "%", [ONE_CHARACTER]: "_" }, /[%_\\]/g, "\\$&");
}

/** Returns a text, whatever the value of `standard_conforming_strings`. */
function postgresText(text: string): string {
  const inside = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${inside.replaceAll("\\", "\\\\")}'` : `'${inside}'`;
}

/** Returns a text that no mode of the server reads otherwise. */
function hexText(text: string): string {
  return `x'${new TextEncoder().encode(text).toHex()}'`;
}

function likePattern(pattern: Pattern): string {
  return patternText(pattern, { [ANY_TEXT]: "%", [ONE_CHARACTER]: "_" }, /[%_|]/g, `${ESCAPE}$&`);
}

function globPattern(pattern: Pattern): string {
  return patternText(pattern, { [ANY_TEXT]: "*", [ONE_CHARACTER]: "?" }, /[*?[]/g, "[$&]");
}

function patternText(
  pattern: Pattern,
  signs: Readonly<Record<number, string>>,
  special: RegExp,
  kept: string,
): string {
  return pattern.map((part) =>
    typeof part === "string" ? part.replaceAll(special, kept) : signs[part]!
  ).join("");
}

/** Returns an address as PostgreSQL reads it. */
function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  return bytes.toHex().replaceAll(/(....)(?!$)/g, "$1:");
}
