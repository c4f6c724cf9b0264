/** Looks at the table: its rows, its size, and who has written them. */

import type { TableStatus } from "../define.ts";
import { endsOf, hostsOf } from "../table/spool_rows.ts";
import type { Client } from "./client.ts";
import { MICROS } from "./dialect.ts";
import type { FoundTable } from "./migrate.ts";
import { isTimeout, readSettings } from "./query.ts";
import { literal, quoted, VERSION } from "./schema.ts";

/** Looks at a table, which must be there. */
export async function statusOf(
  client: Client,
  { table, version, isModern }: FoundTable,
  where: string,
  timeoutMs: number,
): Promise<TableStatus> {
  const [size] = await client.rows(
    "SELECT toString(sum(bytes_on_disk)) AS bytes FROM system.parts " +
      `WHERE active AND database = currentDatabase() AND table = ${literal(table)}`,
  );
  return {
    kind: "packet",
    where,
    table,
    version,
    newestVersion: VERSION,
    bytes: Number(size?.bytes),
    ...await rowsOf(client, table, isModern, timeoutMs),
  };
}

/** Looks at the rows themselves, which tell the spools that they came through. */
async function rowsOf(client: Client, table: string, isModern: boolean, timeoutMs: number) {
  const micros = isModern
    ? "toUnixTimestamp64Micro(time)"
    : `toInt64(toUInt32(time)) * 1000000 + ${MICROS}`;
  try {
    const spools = await client.rows(
      `SELECT toString(spool) AS spool, toString(max(position)) AS position, toString(count()) AS rows, ` +
        `any(host) AS host, toString(min(${micros})) AS oldest, toString(max(${micros})) AS newest ` +
        `FROM ${quoted(table)} GROUP BY spool`,
      await readSettings(client, timeoutMs),
    );
    const times = (name: "oldest" | "newest") => spools.map((row) => Number(row[name]));
    const rows = spools.reduce((sum, { rows }) => sum + Number(rows), 0);
    return {
      rows,
      ...spools.length > 0 &&
        endsOf(Math.min(...times("oldest")), Math.max(...times("newest"))),
      ...hostsOf(spools.map((row) => ({ ...row, updated: Number(row.newest) }))),
    };
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return { hosts: [], positions: new Map<string, number>() };
  }
}
