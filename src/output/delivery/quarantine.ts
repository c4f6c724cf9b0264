/** Stores refused rows in a file: a line of JSON for each. */

import { appendToQuarantine } from "../../buffer/quarantine.ts";
import type { Batch } from "../../buffer/segment_batch.ts";
import type { TableNames } from "../table/record_table.ts";
import { tableOfRow } from "../table/record_tables.ts";
import type { Refused } from "./bisect.ts";

/**
 * Appends rows and syncs them to disk. A batch that is tried again may append a row twice: session
 * and position show it.
 *
 * @param folder The spool's folder.
 * @param tables Names of the tables.
 * @param batch The batch with the rows.
 * @param refused The rows.
 * @param warn Receives a warning if something else is in the file's place.
 */
export async function quarantine(
  folder: string,
  tables: TableNames,
  { session, from }: Batch,
  refused: readonly Refused[],
  warn: (message: string) => void,
): Promise<void> {
  const time = new Date().toISOString();
  const records = refused.map(({ row, columns, problem: { message, code } }) => ({
    time,
    // Bytes that are no row came with those of packets.
    table: tables[tableOfRow(row)?.kind ?? "packet"],
    session,
    position: from,
    code,
    message,
    columns,
    row: row.toBase64(),
  }));
  await appendToQuarantine(folder, records, warn);
}
