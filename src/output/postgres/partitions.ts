/**
 * A partition each day: made ahead, and dropped when its time is over.
 *
 * @module
 */

import { OutputError } from "../../errors.ts";
import { type Partition, partitionsOf, type Queries, relationOf } from "./catalog.ts";
import { ISOLATION, type Sql } from "./migrate.ts";
import { comment } from "./schema/base.ts";
import { beside, nameOf, quoted, type Table } from "./table.ts";

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;
/** The last day that ends in a year of four digits. */
const LAST_DAY = 2_932_895;
/** Makes nfscribes that change partitions wait for each other; "nfsc" and a number. */
const LOCK = [0x6e667363, 2] as const;
/** How long others are held up at the most while a lock is waited for. */
const PATIENCE = "5s";
/** How the comment of a partition begins that nfscribe made. */
const MADE = "Made by nfscribe";

/** A partition that was made. */
export interface Made {
  /** Its name. */
  name: string;
  /** How many rows it has from the default partition. */
  moved: number;
}

/** Packets past the retention that were removed. */
export interface Expired {
  /** Names of the partitions that were dropped. */
  dropped: string[];
  /** How many rows of the default partition were deleted. */
  deleted: number;
}

/**
 * Sees to it that days have partitions. Rows that wait in the default partition are
 * moved into them. Cheap for days that have one; several nfscribes may do it at once.
 *
 * @param sql A connection of the table's owner.
 * @param table The table, which must be there.
 * @param days Days since the Unix epoch, in UTC; those before it or of the year 10000 and on get none.
 * @returns The partitions that were made.
 * @throws What the server says: `42501` where the role may not, `55P03` where somebody
 * reads the default partition for long.
 */
export async function ensurePartitions(
  sql: Sql,
  table: Table,
  days: readonly number[],
): Promise<Made[]> {
  const wanted = new Set(days.filter((day) => day >= 0 && day <= LAST_DAY));
  const place = await placeOf(sql, table);
  const partitions = await partitionsOf(sql, place);
  const made: Made[] = [];
  for (const day of wanted) {
    if (hasDay(partitions, day)) continue;
    const moved = await sql.begin(ISOLATION, (own) => makePartition(own, place, day));
    if (moved !== undefined) made.push({ name: partitionOf(place, day).name, moved });
  }
  return made;
}

/**
 * Days of rows that wait in the default partition, and could have a partition of
 * their own.
 *
 * @param sql A connection; of other roles than the table's owner nothing waits.
 * @param table The table, which must be there.
 * @param first The first day that is looked for, in days since the Unix epoch.
 * @param last The last one.
 */
export async function daysWaiting(
  sql: Sql,
  table: Table,
  first: number,
  last: number,
): Promise<number[]> {
  const partitions = await partitionsOf(sql, await placeOf(sql, table));
  const rest = partitions.find(({ from }) => from === undefined);
  if (rest?.isOwned !== true) return [];
  const rows = await sql.unsafe<{ day: number }[]>(
    `SELECT DISTINCT floor(extract(epoch FROM time) / ${DAY_SECONDS})::integer AS day
FROM ${quoted(rest.place)} WHERE time >= ${startOf(first)} AND time < ${startOf(last + 1)}
ORDER BY day`,
  );
  return rows.map(({ day }) => day).filter((day) => !hasDay(partitions, day));
}

/**
 * Drops partitions whose packets are older than the retention, and rows of the
 * default partition that are. Partitions that others made are left alone.
 *
 * @param sql A connection of the table's owner.
 * @param table The table, which must be there.
 * @param retentionDays How many days are kept, beside the one at hand.
 * @param nowMs The time, in milliseconds since the Unix epoch.
 * @returns What was dropped and deleted.
 * @throws What the server says, as `ensurePartitions` does.
 */
export async function dropExpired(
  sql: Sql,
  table: Table,
  retentionDays: number,
  nowMs: number,
): Promise<Expired> {
  const first = Math.floor(nowMs / DAY_MS) - retentionDays;
  const place = await placeOf(sql, table);
  const dropped: string[] = [];
  let deleted = 0;
  for (const partition of await partitionsOf(sql, place)) {
    if (partition.from === undefined) deleted += await deleteBefore(sql, partition.place, first);
    else if (isOurs(partition, place) && partition.to! <= first * DAY_SECONDS) {
      await sql.begin(ISOLATION, (own) => dropPartition(own, partition.place));
      dropped.push(partition.place.name);
    }
  }
  return { dropped, deleted };
}

/** The partition of a day, as in `packets_20260131`. */
export function partitionOf(table: Table, day: number): Table {
  return beside(table, `${table.name}_${dateOf(day).replaceAll("-", "")}`);
}

/** Makes a partition, unless it is there; how many rows it has from the default one. */
async function makePartition(sql: Queries, place: Table, day: number): Promise<number | undefined> {
  await begin(sql);
  // Another nfscribe may have been faster.
  const partitions = await partitionsOf(sql, place);
  if (hasDay(partitions, day)) return undefined;
  const partition = partitionOf(place, day);
  await requireFree(sql, partition, place);
  const rest = partitions.find(({ from }) => from === undefined);
  const [from, to] = [startOf(day), startOf(day + 1)];
  await sql.unsafe([
    // Who writes waits here. Later it would have chosen the default partition by now, and fail.
    `LOCK TABLE ONLY ${quoted(place)} IN SHARE ROW EXCLUSIVE MODE`,
    `CREATE TABLE ${quoted(partition)} (LIKE ${quoted(place)})`,
  ].join(";\n"));
  const moved = rest === undefined ? 0 : await moveRows(sql, rest.place, partition, from, to);
  await sql.unsafe([
    `ALTER TABLE ${quoted(place)} ATTACH PARTITION ${quoted(partition)}
FOR VALUES FROM (${from}) TO (${to})`,
    comment("TABLE", quoted(partition), `${MADE}: packets of ${dateOf(day)} (UTC)`),
  ].join(";\n"));
  return moved;
}

async function moveRows(
  sql: Queries,
  rest: Table,
  partition: Table,
  from: string,
  to: string,
): Promise<number> {
  const { count } = await sql.unsafe(
    `WITH moved AS (DELETE FROM ${quoted(rest)} WHERE time >= ${from} AND time < ${to} RETURNING *)
INSERT INTO ${quoted(partition)} SELECT * FROM moved`,
  );
  return count;
}

async function requireFree(sql: Queries, partition: Table, place: Table): Promise<void> {
  if (await relationOf(sql, partition) === undefined) return;
  const name = nameOf(partition);
  throw new OutputError(
    name,
    `Cannot make partition ${name}: there is something of that name that is no partition of ` +
      `${nameOf(place)}; give it another name, or attach it`,
  );
}

async function dropPartition(sql: Queries, partition: Table): Promise<void> {
  await begin(sql);
  await sql.unsafe(`DROP TABLE IF EXISTS ${quoted(partition)}`);
}

async function deleteBefore(sql: Queries, rest: Table, day: number): Promise<number> {
  return (await sql.unsafe(`DELETE FROM ${quoted(rest)} WHERE time < ${startOf(day)}`)).count;
}

/** Waits for other nfscribes, then for nobody for long. */
async function begin(sql: Queries): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${LOCK[0]}, ${LOCK[1]})`;
  await sql.unsafe(
    `SET LOCAL lock_timeout = '${PATIENCE}'; SET LOCAL client_min_messages = warning`,
  );
}

/** Where a table is, with its schema. */
export async function placeOf(sql: Queries, table: Table): Promise<Table> {
  const relation = await relationOf(sql, table);
  if (relation !== undefined) return relation.place;
  const name = nameOf(table);
  throw new OutputError(name, `Cannot use table ${name}: it is not there; run nfscribe db init`);
}

/** Whether any partition, whoever made it, holds some of a day: there can be no other then. */
function hasDay(partitions: readonly Partition[], day: number): boolean {
  const start = day * DAY_SECONDS;
  return partitions.some(({ from, to }) =>
    from !== undefined && from < start + DAY_SECONDS && to! > start
  );
}

/** Whether nfscribe made a partition: its name, its bounds and its comment say so. */
export function isOurs({ place, from, to, comment }: Partition, table: Table): boolean {
  const day = from! / DAY_SECONDS;
  return Number.isInteger(day) && day >= 0 && day <= LAST_DAY && to === from! + DAY_SECONDS &&
    place.name === partitionOf(table, day).name && comment?.startsWith(MADE) === true;
}

/** As in `2026-01-31`. */
function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The first moment of a day, in SQL. */
function startOf(day: number): string {
  return `'${dateOf(day)} 00:00:00+00'`;
}
