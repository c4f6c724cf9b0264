/** Parses rows. */

import { hardwareText, ipv4Text, ipv6Text } from "../../packet/address.ts";
import type { ColumnType } from "./columns.ts";
import { tableOfRow } from "./record_tables.ts";
import { INET, ROW_EPOCH } from "./row.ts";
import { hasSize } from "./row_form.ts";

/** Seconds from the Unix epoch to that of rows. */
const EPOCH = BigInt(ROW_EPOCH);
/** The time `infinity`. */
const INFINITY = 2n ** 63n - 1n;

/** Frames split into rows. */
export interface CutRows {
  /** Rows with every column of a table, each of a size valid for its type. */
  rows: Uint8Array[];
  /** Everything else: invalid rows, and bytes that are not rows. */
  strange: Uint8Array[];
}

/**
 * Splits frames into rows.
 *
 * @param frames Whole rows; a user who can write to the spool's files can put anything there.
 */
export function cutRows(frames: readonly Uint8Array[]): CutRows {
  const cut: CutRows = { rows: [], strange: [] };
  for (const bytes of frames) {
    for (let at = 0; at < bytes.length;) {
      const end = endOfRow(bytes, at) ?? bytes.length;
      const row = bytes.subarray(at, end);
      (isRow(row) ? cut.rows : cut.strange).push(row);
      at = end;
    }
  }
  return cut;
}

/** Returns the offset after a row; undefined if no row begins there. */
function endOfRow(bytes: Uint8Array, start: number): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start + 2;
  if (at > bytes.length) return undefined;
  const fields = view.getInt16(start);
  if (fields <= 0) return undefined;
  for (let field = 0; field < fields; field++) {
    if (at + 4 > bytes.length) return undefined;
    const length = view.getInt32(at);
    if (length < -1) return undefined;
    at += 4 + Math.max(0, length);
  }
  return at <= bytes.length ? at : undefined;
}

/** Returns whether bytes are one row of a table. */
function isRow(bytes: Uint8Array): boolean {
  if (endOfRow(bytes, 0) !== bytes.length) return false;
  const columns = tableOfRow(bytes)?.columns;
  return columns !== undefined &&
    fieldsOf(bytes).every((field, index) =>
      field === undefined || hasSize(columns[index]![1], field, 0, field.length)
    );
}

/** Splits a row into fields; undefined for null. */
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

/** Joins fields into a row. */
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

/**
 * Returns the time of the row at the start of bytes.
 *
 * @returns Milliseconds since the Unix epoch; undefined if there is no row, or its time is
 *   infinite.
 */
export function timeOfRow(bytes: Uint8Array): number | undefined {
  if (bytes.length < 14) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getInt32(2) !== 8) return undefined;
  const micros = view.getBigInt64(6);
  return micros === INFINITY ? undefined : Number(micros / 1000n + EPOCH * 1000n);
}

/** Formats the columns of a row that are not null as text. */
export function describeRow(row: Uint8Array): Record<string, string> {
  const texts: Record<string, string> = {};
  const { columns } = tableOfRow(row)!;
  for (const [index, bytes] of fieldsOf(row).entries()) {
    const [name, type] = columns[index]!;
    if (bytes !== undefined) texts[name] = valueText(type, bytes);
  }
  return texts;
}

function valueText(type: ColumnType, bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case "uint8":
      return String(view.getInt16(0));
    case "uint16":
    case "length":
      return String(view.getInt32(0));
    case "uint32":
    case "count":
      return String(view.getBigInt64(0));
    case "seconds":
      return String(view.getFloat64(0));
    case "time":
      return timeText(view.getBigInt64(0));
    case "text":
      return new TextDecoder().decode(bytes);
    case "json":
      return new TextDecoder().decode(bytes.subarray(1));
    case "address":
      return bytes[0] === INET ? ipv4Text(bytes, 4) : ipv6Text(bytes, 4);
    case "mac":
      return hardwareText(bytes, 0, bytes.length);
    case "uuid":
      return uuidText(bytes);
    case "bytes":
      return `\\x${bytes.toHex()}`;
  }
}

/** Formats a UUID (RFC 9562 section 4). */
export function uuidText(bytes: Uint8Array): string {
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Formats a time in microseconds of PostgreSQL's epoch as in RFC 3339 if possible. */
function timeText(micros: bigint): string {
  const unix = micros + EPOCH * 1_000_000n;
  const date = new Date(Number(unix / 1000n));
  if (Number.isNaN(date.getTime())) return `${micros} µs after 2000-01-01`;
  return date.toISOString().replace("Z", `${String(unix % 1000n).padStart(3, "0")}Z`);
}
