/**
 * Removes packets past the retention: drops partitions, and deletes rows of the default partition.
 */

import type { Partition, Queries } from "./catalog.ts";
import { partitionsOf, relationOf } from "./catalog.ts";
import { ISOLATION, type Sql } from "./migrate.ts";
import { beginChange, DAY_SECONDS, isOurs, placeOf, startOf } from "./partitions.ts";
import { countsOf, lossesOf } from "./schema/counts.ts";
import { quoted, type Table } from "./table.ts";

/** Protection against a wrong clock. */
export interface Guard {
  /** Days that are kept whatever the clock says, since the Unix epoch. */
  keptDays: ReadonlySet<number>;
}

/** Packets past the retention that were removed. */
export interface Expired {
  /** Names of the dropped partitions. */
  dropped: string[];
  /** Number of rows deleted from the default partition. */
  deleted: number;
  /** Names of partitions that were not dropped, because they are most of the table. */
  held: string[];
}

/**
 * Drops partitions and deletes rows of the default partition that are past the retention.
 * Partitions that nfscribe did not create stay.
 *
 * @param sql A connection of the table's owner.
 * @param table The table, which must exist.
 * @param retentionDays Number of days to keep, besides the current one.
 * @param nowMs The current time, in milliseconds since the Unix epoch.
 * @param guard Protection against a wrong clock; without it everything past the retention goes.
 * @returns What was dropped and deleted.
 * @throws The server's error, as in `ensurePartitions`.
 */
export async function dropExpired(
  sql: Sql,
  table: Table,
  retentionDays: number,
  nowMs: number,
  guard?: Guard,
): Promise<Expired> {
  const today = Math.floor(nowMs / (DAY_SECONDS * 1000));
  const first = today - retentionDays;
  const kept = [...guard?.keptDays ?? []].filter((day) => day < first);
  const place = await placeOf(sql, table);
  const partitions = await partitionsOf(sql, place);
  const days = partitions.filter((partition) =>
    isOurs(partition, place) && dayOf(partition) <= today
  );
  const due = days.filter((partition) =>
    dayOf(partition) < first && !kept.includes(dayOf(partition))
  );
  const names = due.map((partition) => partition.place.name);
  // More than that is due only after a long pause, or by a wrong clock.
  const isMost = due.length > days.length / 2;
  if (guard !== undefined && isMost) return { dropped: [], deleted: 0, held: names };
  const rest = partitions.find(({ from }) => from === undefined);
  const deleted = rest === undefined ? 0 : await deleteBefore(sql, rest.place, "time", first, kept);
  for (const { place } of due) await sql.begin(ISOLATION, (own) => dropPartition(own, place));
  await deleteBeside(sql, place, first, kept);
  return { dropped: names, deleted, held: [] };
}

/** Deletes counts and losses of the days that are gone. */
async function deleteBeside(
  sql: Sql,
  place: Table,
  first: number,
  kept: readonly number[],
): Promise<void> {
  for (const [table, column] of [[countsOf(place), "start"], [lossesOf(place), "time"]] as const) {
    if (await relationOf(sql, table) !== undefined) {
      await deleteBefore(sql, table, column, first, kept);
    }
  }
}

function dayOf({ from }: Partition): number {
  return from! / DAY_SECONDS;
}

async function dropPartition(sql: Queries, partition: Table): Promise<void> {
  await beginChange(sql);
  await sql.unsafe(`DROP TABLE IF EXISTS ${quoted(partition)}`);
}

async function deleteBefore(
  sql: Queries,
  table: Table,
  column: "time" | "start",
  day: number,
  kept: readonly number[],
): Promise<number> {
  const others = kept.map((day) =>
    ` AND NOT (${column} >= ${startOf(day)} AND ${column} < ${startOf(day + 1)})`
  );
  const deletion = `DELETE FROM ${quoted(table)} WHERE ${column} < ${startOf(day)}${
    others.join("")
  }`;
  return (await sql.unsafe(deletion)).count;
}
