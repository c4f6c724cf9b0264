/** Rows of any table in the structured form of their records. */

import type { StructuredCounter } from "../../counter/structured.ts";
import type { StructuredFlow } from "../../flow/structured.ts";
import type { RecordTable, TableKind } from "./record_table.ts";
import { storedCounter } from "./stored_counter.ts";
import { storedFlow } from "./stored_flow.ts";
import { type StoredPacket, storedPacket } from "./stored_packet.ts";
import type { StoredValues } from "./stored_values.ts";

/** A record as its row knows it. */
export type StoredRecord = StoredPacket | StructuredFlow | StructuredCounter;

const RECORDS: Readonly<Record<TableKind, (row: StoredValues) => StoredRecord>> = {
  packet: storedPacket,
  flow: storedFlow,
  counter: storedCounter,
};

/** Returns the record of a row. */
export function storedRecord({ kind }: RecordTable, row: StoredValues): StoredRecord {
  return RECORDS[kind](row);
}
