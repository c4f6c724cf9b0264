/**
 * Sends rows through the Postgres output, without a capture.
 *
 * @module
 */

import type { OutputLog } from "../../src/output/output.ts";
import { COLUMNS } from "../../src/output/table/columns.ts";
import type { PostgresOptions } from "../../src/output/postgres/options.ts";
import { rowOf } from "../../src/output/table/parse_row.ts";
import { openPostgres, type PostgresWriter } from "../../src/output/postgres/writer.ts";
import { to } from "./connect_server.ts";

/** Milliseconds from the Unix epoch to PostgreSQL's. */
const EPOCH_MS = 946_684_800_000;

/** Returns a row with a time and one other column. */
export function row(
  { timeMs = Date.now(), column = "mark", bytes }: {
    timeMs?: number;
    column?: string;
    bytes?: Uint8Array;
  } = {},
): Uint8Array {
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigInt64(0, BigInt(timeMs - EPOCH_MS) * 1000n);
  return rowOf(
    COLUMNS.map(([name]) => name === "time" ? time : name === column ? bytes : undefined),
  );
}

/** Opens the output, which creates the table. */
export function openWriter(
  url: string,
  spool: string,
  log: OutputLog,
  options: Partial<PostgresOptions> = {},
): Promise<PostgresWriter> {
  return openPostgres({
    url,
    connection: to(url),
    session: crypto.randomUUID(),
    table: "packets",
    flowsTable: "flows",
    countersTable: "counters",
    create: true,
    payload: false,
    hostname: "gate",
    spool,
    spoolLimit: 2 ** 30,
    spoolSync: "off",
    whenFull: "drop",
    flushMs: 1,
    flushRows: 100_000,
    ...options,
  }, log);
}
