/** SQL that conditions about packets and about flows share. */

import type { Pattern } from "../../../text/pattern.ts";
import { addressBytes, prefixLength } from "../../parse_address.ts";
import { exactText } from "../pattern.ts";
import type { Condition, Direction } from "../syntax.ts";
import type { SqlDialect } from "./dialect.ts";

/** Returns the test of a column of addresses, or a hint why there is none. */
export function networkTest(
  words: readonly number[],
  mask: readonly number[],
  dialect: SqlDialect,
): ((column: string) => string) | { hint: string } {
  const prefix = prefixLength(mask);
  if (prefix === undefined) return { hint: ": it cannot be searched by a mask with gaps" };
  const first = addressBytes(words);
  const last = addressBytes(words.map((word, n) => (word | ~mask[n]!) >>> 0));
  return (column) => dialect.isWithin(column, first, last);
}

/** Returns the test of a column of ports. */
export function rangeTest(first: number, last: number): (column: string) => string {
  return (column) =>
    first === last ? `${column} = ${first}` : `${column} BETWEEN ${first} AND ${last}`;
}

/** Returns whether the protocol is one of several. */
export function protocolTest(protocols: readonly number[]): string {
  return protocols.length === 1
    ? `protocol = ${protocols[0]}`
    : `protocol IN (${protocols.join(", ")})`;
}

/** Returns whether a pattern matches a column. */
export function textTest(column: string, pattern: Pattern, dialect: SqlDialect): string {
  const exact = exactText(pattern);
  return exact === undefined ? dialect.matches(column, pattern) : dialect.isText(column, exact);
}

/** Returns whether bits of the mark have a value; the kernel does not tell a mark of 0. */
export function markSql(
  { value, mask }: Extract<Condition, { kind: "mark" }>,
  dialect: SqlDialect,
): string {
  if (mask === 0xffff_ffff && value !== 0) return `mark = ${value}`;
  return `${dialect.bits("&", "COALESCE(mark, 0)", mask)} = ${value}`;
}

/** Returns the test of one end, of either or of both. */
export function ends(direction: Direction, source: string, destination: string): string {
  switch (direction) {
    case "source":
      return source;
    case "destination":
      return destination;
    case "either":
      return `(${source} OR ${destination})`;
    case "both":
      return `(${source} AND ${destination})`;
  }
}
