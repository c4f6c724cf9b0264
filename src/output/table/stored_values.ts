/** Values of rows as databases return them, for people and programs. */

import { parseAddress } from "../../filter/parse_address.ts";
import { hardwareText, ipv4Text, ipv6Text } from "../../packet/address.ts";
import { timeText } from "../../packet/structured.ts";
import type { Column, ColumnType } from "./columns.ts";
import { uuidText } from "./parse_row.ts";

/** Value of a column as a database's client returns it. */
export type StoredValue = string | number | bigint | Uint8Array | null;
/** Values of a row by column. */
export type StoredValues = Readonly<Record<string, StoredValue>>;

/** Readable values of a row. */
export interface ReadableRow {
  /** Returns the text of a column; undefined for null. */
  text(name: string): string | undefined;
  /** Returns the number of a column; undefined for null. */
  number(name: string): number | undefined;
}

/** Returns the columns that records are made from: their bytes stay in the database. */
export function readColumns(columns: readonly Column[]): Column[] {
  return columns.filter(([, type]) => type !== "bytes");
}

/**
 * Reads a row.
 *
 * @param columns Its columns.
 * @param row Their values. Addresses, UUIDs and hardware addresses are text, or bytes in network
 *   order; times are text in UTC, or microseconds since the Unix epoch.
 */
export function readableRow(columns: readonly Column[], row: StoredValues): ReadableRow {
  const values = new Map(
    columns.flatMap(([name, type]) => {
      const value = row[name];
      return value === null || value === undefined ? [] : [[name, readable(type, value)] as const];
    }),
  );
  return {
    text: (name) => values.get(name) as string | undefined,
    number: (name) => values.get(name) as number | undefined,
  };
}

function readable(type: ColumnType, value: string | number | bigint | Uint8Array): string | number {
  switch (type) {
    case "time":
      return storedTime(value);
    case "address":
      if (!(value instanceof Uint8Array)) return addressOf(String(value));
      return value.length === 4 ? ipv4Text(value, 0) : ipv6Text(value, 0);
    case "mac":
      return value instanceof Uint8Array ? hardwareText(value, 0, value.length) : String(value);
    case "uuid":
      return value instanceof Uint8Array ? uuidText(value) : String(value);
    case "text":
    case "json":
      return String(value);
    default:
      return Number(value);
  }
}

/** Writes an address of a server as nfscribe does: PostgreSQL ends `::/96` with an IPv4 address. */
function addressOf(text: string): string {
  const words = text.includes(":") && text.includes(".") ? parseAddress(text) : undefined;
  if (words === undefined) return text;
  const view = new DataView(new ArrayBuffer(16));
  words.forEach((word, index) => view.setUint32(4 * index, word));
  return ipv6Text(new Uint8Array(view.buffer), 0);
}

/** Returns a time in RFC 3339: from a server's text, or from microseconds since the Unix epoch. */
export function storedTime(value: NonNullable<StoredValue>): string {
  return typeof value === "string" ? isoTime(value) : timeText(Number(value));
}

/** Writes a time of a server, as in `2026-01-31 10:00:00.5+00`, as in RFC 3339 with microseconds. */
function isoTime(text: string): string {
  const [, date, time, fraction = ""] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00)?$/.exec(text) ?? [];
  return date === undefined ? text : `${date}T${time}.${fraction.padEnd(6, "0")}Z`;
}

/** Returns an object or an array of JSON; undefined for other text, as another program may have written it. */
export function jsonOf(text: string | undefined): object | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Removes fields that are undefined. */
export function compact<T extends object>(fields: T): T {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as T;
}

/** Removes fields that are undefined; returns undefined where none is left. */
export function compactHeader<T extends object>(fields: T): T | undefined {
  const known = compact(fields);
  return Object.keys(known).length === 0 ? undefined : known;
}
