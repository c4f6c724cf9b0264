/** Looks at tables: their rows, their sizes, and who has written them. */

import type { TableStatus } from "../define.ts";
import { endsOf, hostsOf } from "../table/spool_rows.ts";
import type { StoredValues } from "../table/stored_values.ts";
import type { Client, Row } from "./client.ts";
import type { FoundTable } from "./migrate.ts";
import { isTimeout, microsOf, readSettings } from "./query.ts";
import { literal, newestOf, quoted } from "./schema.ts";

/** Rows of a table. */
interface TableRows {
  rows?: number;
  oldest?: string | undefined;
  newest?: string | undefined;
  /** The spools that they came through. */
  spools: readonly Row[];
}

/** Looks at tables, which must be there: that of packets, then others. */
export async function statusOf(
  client: Client,
  tables: readonly FoundTable[],
  where: string,
  timeoutMs: number,
): Promise<TableStatus[]> {
  const found: TableStatus[] = [];
  const spools: Row[] = [];
  for (const { record, table, version, isModern } of tables) {
    const [size] = await client.rows(
      "SELECT toString(sum(bytes_on_disk)) AS bytes FROM system.parts " +
        `WHERE active AND database = currentDatabase() AND table = ${literal(table)}`,
    );
    const { spools: own, ...rows } = await rowsOf(client, table, isModern, timeoutMs);
    spools.push(...own);
    found.push({
      kind: record.kind,
      where,
      table,
      version,
      newestVersion: newestOf(record),
      ...rows,
      bytes: Number(size?.bytes),
      ...hostsOf([]),
    });
  }
  const [packets, ...others] = found;
  return [{ ...packets!, ...hostsOf(joined(spools)) }, ...others];
}

/** Joins what tables tell of the same spool. */
function joined(rows: readonly Row[]): StoredValues[] {
  return [...Map.groupBy(rows, ({ spool }) => spool)].map(([spool, some]) => ({
    spool: spool!,
    host: some[0]!.host!,
    position: Math.max(...some.map(({ position }) => Number(position))),
    rows: some.reduce((sum, { rows }) => sum + Number(rows), 0),
    updated: Math.max(...some.map(({ newest }) => Number(newest))),
  }));
}

/** Looks at the rows themselves, which tell the spools that they came through. */
async function rowsOf(
  client: Client,
  table: string,
  isModern: boolean,
  timeoutMs: number,
): Promise<TableRows> {
  const micros = microsOf("time", isModern);
  try {
    const spools = await client.rows(
      `SELECT toString(spool) AS spool, toString(max(position)) AS position, toString(count()) AS rows, ` +
        `any(host) AS host, toString(min(${micros})) AS oldest, toString(max(${micros})) AS newest ` +
        `FROM ${quoted(table)} GROUP BY spool`,
      await readSettings(client, timeoutMs),
    );
    const times = (name: "oldest" | "newest") => spools.map((row) => Number(row[name]));
    const rows = spools.reduce((sum, { rows }) => sum + Number(rows), 0);
    const ends = spools.length > 0
      ? endsOf(Math.min(...times("oldest")), Math.max(...times("newest")))
      : {};
    return { rows, ...ends, spools };
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return { spools: [] };
  }
}
