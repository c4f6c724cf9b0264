/** Daily maintenance of a table's partitions, by `nfscribe run` and by `nfscribe db init`. */

import { counted } from "../../text/figures.ts";
import type { Sql } from "./migrate.ts";
import { daysWaiting, ensurePartitions } from "./partitions.ts";
import { dropExpired, type Expired, type Guard } from "./retention.ts";
import type { Table } from "./table.ts";

const DAY_MS = 86_400_000;
/**
 * Age limit in days of packets for whose day a partition is created, so that not every wrong clock
 * creates one.
 */
const OLDEST_DAYS = 3650;

/** Maintenance to be done. */
export interface Maintenance {
  /** Days that get a partition, since the Unix epoch. */
  days: readonly number[];
  /** Number of days to keep, besides the current one; undefined for all. */
  retentionDays: number | undefined;
  /** The current time, in milliseconds since the Unix epoch. */
  nowMs: number;
  /** Whether what is past the retention is removed, and what is protected; all of it if absent. */
  expiry?: "none" | Guard;
}

const NOTHING: Expired = { dropped: [], deleted: 0, held: [] };

/** Returns the day of a time, since the Unix epoch, in UTC. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

/**
 * Returns the oldest day for which a partition is created: ten years ago, or the end of the
 * retention.
 */
export function oldestDay(
  { retentionDays = OLDEST_DAYS, nowMs }: { retentionDays?: number | undefined; nowMs: number },
): number {
  return dayOf(nowMs) - Math.min(retentionDays, OLDEST_DAYS);
}

/**
 * Creates partitions, drops those past the retention, and moves rows of older days from the default
 * partition to partitions of their days.
 *
 * @param sql A connection of the table's owner.
 * @param table The table, which must exist.
 * @param maintenance The work to be done.
 * @returns Lines about work besides the creation of the requested partitions.
 * @throws The server's error.
 */
export async function maintain(
  sql: Sql,
  table: Table,
  { days, retentionDays, nowMs, expiry }: Maintenance,
): Promise<string[]> {
  const made = await ensurePartitions(sql, table, days);
  const { dropped, deleted, held } = retentionDays === undefined || expiry === "none"
    ? NOTHING
    : await dropExpired(sql, table, retentionDays, nowMs, expiry);
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
    ...held.length > 0
      ? [
        `not dropped, though past retention_days, as it is most of the table: ${
          held.join(", ")
        }; ` +
        "if the clock is right, nfscribe db init drops them",
      ]
      : [],
    ...moved > 0
      ? [`moved from the default partition to their days: ${rows(moved)}, to ${to}`]
      : [],
  ];
}

function rows(count: number): string {
  return counted(count, "row");
}
