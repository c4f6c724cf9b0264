/** Daily partitions, created ahead, and dropped when they are past the retention. */

import { COUNTS_SUFFIX } from "../table/counts/counted.ts";
import { LOSSES_SUFFIX } from "../table/losses.ts";
import type { Client } from "./client.ts";
import { locked } from "./migrate.ts";
import { LATER, partitionOf, quoted } from "./schema.ts";

const DAY_MS = 86_400_000;
/** Rows that are deleted at once where a partition cannot be dropped. */
const ROWS_MOST = 20_000;
/** Most days without a partition that are no sign of a wrong clock. */
const LEAP_DAYS = 30;
/** Rows that are counted to see whether most are past the retention. */
const COUNTED_MOST = 1_000_000;

/** A partition of a table. */
interface Partition {
  name: string;
  /** The day after its last one, since the Unix epoch; undefined for the last partition. */
  end: number | undefined;
}

/** Returns the day of a time, since the Unix epoch, in UTC. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

/**
 * Creates the missing partitions of the days up to one. A day before the newest partition has its
 * rows in the partition that covers it.
 *
 * @param last The last day, since the Unix epoch.
 * @param mayLeap Whether days far behind the newest partition get one: none fits in between later.
 * @returns Names of the partitions that were created; undefined if that would be a leap.
 * @throws The server's error.
 */
export async function ensurePartitions(
  client: Client,
  table: string,
  first: number,
  last: number,
  mayLeap = true,
): Promise<string[] | undefined> {
  const newest = await newestDay(client, table) ?? first - 1;
  if (newest >= last) return [];
  if (!mayLeap && first - newest > LEAP_DAYS) return undefined;
  return await locked(client, async () => {
    const days: number[] = [];
    // Another nfscribe may have been faster.
    const next = (await newestDay(client, table) ?? first - 1) + 1;
    for (let day = Math.max(first, next); day <= last; day++) days.push(day);
    if (days.length === 0) return [];
    const parts = days.map((day) => {
      const { name, bound } = partitionOf(day);
      return `PARTITION ${name} VALUES LESS THAN ('${bound}')`;
    });
    parts.push(`PARTITION ${LATER} VALUES LESS THAN (MAXVALUE)`);
    await client.run(
      `ALTER TABLE ${quoted(table)} REORGANIZE PARTITION ${LATER} INTO (${parts.join(", ")})`,
    );
    return days.map((day) => partitionOf(day).name);
  });
}

/** Packets past the retention that were removed. */
export interface Expired {
  /** Names of the dropped partitions. */
  dropped: string[];
  /** Number of rows deleted from a partition that is not past the retention. */
  deleted: number;
  /** Names of partitions that were not dropped, or lost no rows, because they are most of the table. */
  held: string[];
}

/**
 * Drops partitions that are past the retention, and deletes rows that are in others, as packets of
 * older days.
 *
 * @param today The current day, since the Unix epoch.
 * @param retentionDays Number of days to keep, besides the current one.
 * @param mayDropMost Whether most of the table may be dropped, which a wrong clock could cause.
 * @throws The server's error.
 */
export async function dropExpired(
  client: Client,
  table: string,
  today: number,
  retentionDays: number,
  mayDropMost: boolean,
): Promise<Expired> {
  const firstKept = today - retentionDays;
  const partitions = await partitionsOf(client, table);
  // Those of coming days are empty.
  const days = partitions.filter(({ end }) => end !== undefined && end <= today + 1);
  const due = days.filter(({ end }) => end! <= firstKept).map(({ name }) => name);
  if (!mayDropMost && due.length > days.length / 2) return { dropped: [], deleted: 0, held: due };
  if (due.length > 0) {
    await locked(client, async () => {
      await client.run(
        `ALTER TABLE ${quoted(table)} DROP PARTITION ${due.map(quoted).join(", ")}`,
      );
    });
  }
  const { bound } = partitionOf(firstKept - 1);
  if (!mayDropMost && await isMostBefore(client, table, bound)) {
    return { dropped: due, deleted: 0, held: [partitions[due.length]?.name ?? table] };
  }
  let deleted = 0;
  for (let some = ROWS_MOST; some === ROWS_MOST; deleted += some) {
    const { affectedRows } = await client.run(
      `DELETE FROM ${quoted(table)} WHERE \`time\` < '${bound}' LIMIT ${ROWS_MOST}`,
    );
    some = affectedRows;
  }
  await deleteBeside(client, table, bound);
  return { dropped: due, deleted, held: [] };
}

/** Deletes counts and losses of the days that are gone. */
async function deleteBeside(client: Client, table: string, bound: string): Promise<void> {
  const columns = { [table + COUNTS_SUFFIX]: "start", [table + LOSSES_SUFFIX]: "time" };
  const names = Object.keys(columns);
  const found = await client.rows(
    "SELECT table_name AS name FROM information_schema.tables " +
      "WHERE table_schema = DATABASE() AND table_name IN (?, ?)",
    names,
  );
  for (const { name } of found) {
    const [place, column] = [quoted(String(name)), quoted(columns[String(name)]!)];
    await client.run(`DELETE FROM ${place} WHERE ${column} < '${bound}'`);
  }
}

/** Returns whether more rows are before a time than after it, as far as they are counted. */
async function isMostBefore(client: Client, table: string, bound: string): Promise<boolean> {
  const count = (condition: string) =>
    `(SELECT COUNT(*) FROM (SELECT 1 FROM ${
      quoted(table)
    } WHERE \`time\` ${condition} '${bound}' ` +
    `LIMIT ${COUNTED_MOST}) AS part)`;
  const [row] = await client.rows(`SELECT ${count("<")} > ${count(">=")} AS is_most`);
  return Number(row?.is_most) === 1;
}

/** Returns the last day with a partition; undefined if there is none. */
async function newestDay(client: Client, table: string): Promise<number | undefined> {
  const ends = (await partitionsOf(client, table)).flatMap(({ end }) => end ?? []);
  return ends.length === 0 ? undefined : Math.max(...ends) - 1;
}

async function partitionsOf(client: Client, table: string): Promise<Partition[]> {
  const rows = await client.rows(
    "SELECT partition_name AS name, partition_description AS bound " +
      "FROM information_schema.partitions WHERE table_schema = DATABASE() AND table_name = ? " +
      "AND partition_name IS NOT NULL ORDER BY partition_ordinal_position",
    [table],
  );
  return rows.map(({ name, bound }) => {
    const [, date] = /^'(\d{4}-\d\d-\d\d)/.exec(String(bound)) ?? [];
    return {
      name: String(name),
      end: date === undefined ? undefined : dayOf(Date.parse(`${date}T00:00:00Z`)),
    };
  });
}
