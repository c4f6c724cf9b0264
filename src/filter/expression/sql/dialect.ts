/** Differences of the databases in the SQL of expressions. */

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
}

/** Character that keeps the next one in patterns of `LIKE`. */
const ESCAPE = "|";

/** PostgreSQL: addresses are `inet` and `macaddr`. */
export const POSTGRES: SqlDialect = {
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
