/** Looks at the table: its rows, its size, and who has written them. */

import type { TableStatus } from "../define.ts";
import { SPOOLS } from "../table/name.ts";
import { endsOf, hostsOf } from "../table/spool_rows.ts";
import type { RecordTable } from "../table/record_table.ts";
import type { StoredValue, StoredValues } from "../table/stored_values.ts";
import type { Client } from "./client.ts";
import { versionOf } from "./migrate.ts";
import { isTimeout, limitTime } from "./query.ts";
import { newestOf, quoted } from "./schema.ts";

/** Looks at a table; undefined if it is missing. */
export async function statusOf(
  client: Client,
  record: RecordTable,
  table: string,
  where: string,
  timeoutMs: number,
): Promise<TableStatus | undefined> {
  const version = await versionOf(client, record, table);
  if (version === 0) return undefined;
  const [size] = await client.rows(
    "SELECT SUM(data_length + index_length) AS bytes FROM information_schema.partitions " +
      "WHERE table_schema = DATABASE() AND table_name = ?",
    [table],
  );
  const spools = await client.rows(
    `SELECT spool, \`position\`, \`rows\`, host, updated FROM ${SPOOLS} WHERE table_name = ?`,
    [table],
  );
  return {
    kind: record.kind,
    where,
    table,
    version,
    newestVersion: newestOf(record),
    ...await rowsOf(client, table, timeoutMs),
    bytes: Number(size!.bytes),
    ...hostsOf(spools as StoredValues[]),
  };
}

async function rowsOf(client: Client, table: string, timeoutMs: number) {
  await limitTime(client, timeoutMs);
  try {
    const [row] = await client.rows(
      "SELECT COUNT(*) AS count, MIN(`time`) AS oldest, MAX(`time`) AS newest " +
        `FROM ${quoted(table)}`,
    );
    const [oldest, newest] = [row!.oldest, row!.newest] as StoredValue[];
    return { rows: Number(row!.count), ...endsOf(oldest, newest) };
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return {};
  }
}
