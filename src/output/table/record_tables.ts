/** Tables of all kinds of record. A row is one of the table that has so many columns. */

import { COUNTERS } from "./counters.ts";
import { FLOWS } from "./flows.ts";
import { PACKETS } from "./packets.ts";
import type { RecordTable, TableKind } from "./record_table.ts";

/** Tables; that of packets names the spools of an output. */
export const RECORD_TABLES: readonly RecordTable[] = [PACKETS, FLOWS, COUNTERS];

/** Returns the table of a kind of record. */
export function recordTableOf(kind: TableKind): RecordTable {
  return RECORD_TABLES.find((table) => table.kind === kind)!;
}

const BY_WIDTH = new Map(RECORD_TABLES.map((table) => [table.columns.length, table]));

/**
 * Returns the table of the row at the start of bytes.
 *
 * @returns It; undefined if these bytes are no row.
 */
export function tableOfRow(bytes: Uint8Array): RecordTable | undefined {
  return bytes.length < 2 ? undefined : BY_WIDTH.get(bytes[0]! << 8 | bytes[1]!);
}

/** Groups frames by the tables of their first rows; undefined stands for none. */
export function framesByTable(
  frames: readonly Uint8Array[],
): Map<RecordTable | undefined, Uint8Array[]> {
  return Map.groupBy(frames, tableOfRow);
}
