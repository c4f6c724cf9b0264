/** Rows of the table of counters in the structured form. */

import type { CounterObject, TableFamily } from "../../counter/facts.ts";
import type { StructuredCounter } from "../../counter/structured.ts";
import { STRUCTURED_VERSION } from "../../packet/structured.ts";
import { COUNTER_COLUMNS } from "./counter_columns.ts";
import { compact, jsonOf, readableRow, readColumns, type StoredValues } from "./stored_values.ts";

const READ = readColumns(COUNTER_COLUMNS);

/**
 * Returns the counter of a row, in the structured form's names and order.
 *
 * @param row Values of all columns.
 */
export function storedCounter(row: StoredValues): StructuredCounter {
  const { text, number } = readableRow(READ, row);
  const [exceeded, extra] = [number("quota_exceeded"), text("extra")];
  return compact({
    type: "counter",
    version: STRUCTURED_VERSION,
    time: text("time")!,
    host: text("host"),
    capture: text("capture") || undefined,
    session: text("session"),
    seq: number("seq"),
    object: text("object") as CounterObject,
    family: text("family") as TableFamily | undefined,
    table: text("table_name"),
    name: text("name")!,
    packets: number("packets"),
    bytes: number("bytes"),
    interval: number("interval_seconds"),
    totalPackets: number("total_packets"),
    totalBytes: number("total_bytes"),
    restarted: number("restarted") === 1 ? true : undefined,
    quota: exceeded === undefined ? undefined : compact({
      packets: number("quota_packets"),
      bytes: number("quota_bytes"),
      exceeded: exceeded === 1,
    }),
    extra: jsonOf(extra),
  }) as StructuredCounter;
}
