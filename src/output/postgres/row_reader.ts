/**
 * Rows of binary COPY read again: where each begins, and what it says.
 *
 * @module
 */

import { ipv4Text, ipv6Text } from "../../packet/address.ts";
import { COLUMNS } from "./columns.ts";

/** Seconds from the Unix epoch to PostgreSQL's, the start of the year 2000. */
const POSTGRES_EPOCH = 946_684_800n;

/**
 * Cuts rows apart.
 *
 * @param frames Whole rows, without COPY's header and trailer.
 * @returns Each row.
 */
export function rowsOf(frames: readonly Uint8Array[]): Uint8Array[] {
  const rows: Uint8Array[] = [];
  for (const bytes of frames) {
    for (let at = 0; at < bytes.length;) {
      const end = endOfRow(bytes, at);
      rows.push(bytes.subarray(at, end));
      at = end;
    }
  }
  return rows;
}

function endOfRow(bytes: Uint8Array, start: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start + 2;
  for (let field = view.getInt16(start); field > 0; field--) {
    at += 4 + Math.max(0, view.getInt32(at));
  }
  return at;
}

/** The fields of a row as bytes; undefined for those that are null. */
export function fieldsOf(row: Uint8Array): (Uint8Array | undefined)[] {
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  const fields: (Uint8Array | undefined)[] = [];
  for (let at = 2; at < row.length;) {
    const length = view.getInt32(at);
    at += 4;
    fields.push(length < 0 ? undefined : row.subarray(at, at + length));
    at += Math.max(0, length);
  }
  return fields;
}

/** Puts fields together to a row. */
export function rowOf(fields: readonly (Uint8Array | undefined)[]): Uint8Array {
  const size = fields.reduce((sum, field) => sum + 4 + (field?.length ?? 0), 2);
  const row = new Uint8Array(size);
  const view = new DataView(row.buffer);
  view.setInt16(0, fields.length);
  let at = 2;
  for (const field of fields) {
    view.setInt32(at, field?.length ?? -1);
    at += 4;
    if (field !== undefined) row.set(field, at);
    at += field?.length ?? 0;
  }
  return row;
}

/** What a row says, for people: columns that are not null, as text. */
export function describeRow(row: Uint8Array): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [index, bytes] of fieldsOf(row).entries()) {
    const [name, type] = COLUMNS[index]!;
    if (bytes !== undefined) texts[name] = valueText(type, bytes);
  }
  return texts;
}

function valueText(type: typeof COLUMNS[number][1], bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case "smallint":
      return String(view.getInt16(0));
    case "integer":
      return String(view.getInt32(0));
    case "bigint":
      return String(view.getBigInt64(0));
    case "timestamptz":
      return timeText(view.getBigInt64(0));
    case "text":
      return new TextDecoder().decode(bytes);
    case "jsonb":
      return new TextDecoder().decode(bytes.subarray(1));
    case "inet":
      return bytes[0] === 2 ? ipv4Text(bytes, 4) : ipv6Text(bytes, 4);
    case "macaddr":
      return bytes.toHex().replaceAll(/..(?!$)/g, "$&:");
    case "uuid":
      return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    case "bytea":
      return `\\x${bytes.toHex()}`;
  }
}

/** A time in microseconds of PostgreSQL's epoch, as RFC 3339 has it where it can. */
function timeText(micros: bigint): string {
  const unix = micros + POSTGRES_EPOCH * 1_000_000n;
  const date = new Date(Number(unix / 1000n));
  if (Number.isNaN(date.getTime())) return `${micros} µs after 2000-01-01`;
  return date.toISOString().replace("Z", `${String(unix % 1000n).padStart(3, "0")}Z`);
}
