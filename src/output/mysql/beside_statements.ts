/** Statements that fill the tables beside those of records: counts by time, and losses. */

import type { Lost } from "../delivery/losses.ts";
import { type Count, COUNTS_SUFFIX } from "../table/counts/counted.ts";
import { COUNT_NAMES } from "../table/counts/schema.ts";
import { LOSSES_SUFFIX } from "../table/losses.ts";
import { dateTimeText } from "./date_time.ts";
import { valueText } from "./insert_statements.ts";
import { quoted } from "./schema.ts";

/** Returns the statement that adds counts. */
export function addCountsStatement(table: string, counts: readonly Count[]): string {
  const rows = counts.map(({ step, start, host, capture, prefix, protocol, records, bytes }) => {
    const texts = [host, capture, prefix].map((text) => valueText(text, "text"));
    const time = valueText(start * 1e6, "time");
    return `(${[step, time, ...texts, protocol, records, bytes].join(", ")})`;
  });
  return `INSERT INTO ${quoted(table + COUNTS_SUFFIX)} (${COUNT_NAMES.map(quoted).join(", ")}) ` +
    `VALUES ${rows.join(", ")} ON DUPLICATE KEY UPDATE ` +
    "records = records + VALUES(records), bytes = bytes + VALUES(bytes)";
}

/** Returns the statement that inserts losses. */
export function addLossesStatement(table: string, losses: readonly Lost[]): string {
  const rows = losses.map(({ micros, host, capture, session, packets }) =>
    `('${dateTimeText(micros)}', ${valueText(host, "text")}, ${valueText(capture, "text")}, ` +
    `x'${session.replaceAll("-", "")}', ${packets})`
  );
  return `INSERT INTO ${quoted(table + LOSSES_SUFFIX)} ` +
    `(\`time\`, host, capture, session, packets) VALUES ${rows.join(", ")}`;
}
