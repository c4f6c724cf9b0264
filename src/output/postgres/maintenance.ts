/**
 * Daily work on a table's partitions, by `nfscribe run` and by
 * `nfscribe db init`.
 *
 * @module
 */

import type { Sql } from "./migrate.ts";
import { daysWaiting, dropExpired, ensurePartitions } from "./partitions.ts";
import type { Table } from "./table.ts";

const DAY_MS = 86_400_000;
/** How old a packet may be, in days, for its day to get a partition: not every wrong clock makes one. */
const OLDEST_DAYS = 3650;

/** Work that is due. */
export interface Maintenance {
  /** Days that get a partition, since the Unix epoch. */
  days: readonly number[];
  /** How many days are kept, beside the one at hand; undefined for all. */
  retentionDays: number | undefined;
  /** The time, in milliseconds since the Unix epoch. */
  nowMs: number;
}

/** The day of a time, since the Unix epoch, in UTC. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

/** The oldest day whose packets get a partition: ten years ago, or where the retention ends. */
export function oldestDay(
  { retentionDays = OLDEST_DAYS, nowMs }: { retentionDays?: number | undefined; nowMs: number },
): number {
  return dayOf(nowMs) - Math.min(retentionDays, OLDEST_DAYS);
}

/**
 * Makes partitions, drops what is past the retention, and moves rows of older days
 * out of the default partition into partitions of their days.
 *
 * @param sql A connection of the table's owner.
 * @param table The table, which must be there.
 * @param maintenance What is to be done.
 * @returns What was done beside making the partitions that were asked for, a line each.
 * @throws What the server says.
 */
export async function maintain(
  sql: Sql,
  table: Table,
  { days, retentionDays, nowMs }: Maintenance,
): Promise<string[]> {
  const made = await ensurePartitions(sql, table, days);
  const { dropped, deleted } = retentionDays === undefined
    ? { dropped: [], deleted: 0 }
    : await dropExpired(sql, table, retentionDays, nowMs);
  const first = oldestDay({ retentionDays, nowMs });
  const waiting = await daysWaiting(sql, table, first, dayOf(nowMs));
  made.push(...await ensurePartitions(sql, table, waiting));
  const filled = made.filter(({ moved }) => moved > 0);
  const moved = filled.reduce((sum, { moved }) => sum + moved, 0);
  const to = filled.map(({ name }) => name).join(", ");
  return [
    ...dropped.length > 0 ? [`dropped, as retention_days says: ${dropped.join(", ")}`] : [],
    ...deleted > 0
      ? [`deleted, as retention_days says: ${rows(deleted)} of the default partition`]
      : [],
    ...moved > 0
      ? [`moved from the default partition to their days: ${rows(moved)}, to ${to}`]
      : [],
  ];
}

function rows(count: number): string {
  return count === 1 ? "1 row" : `${count} rows`;
}
