/** Daily partitions, created ahead. */

import { OutputError } from "../../errors.ts";
import { type Partition, partitionsOf, type Queries, relationOf } from "./catalog.ts";
import { ISOLATION, type Sql } from "./migrate.ts";
import { comment } from "./schema/base.ts";
import { beside, nameOf, quoted, type Table } from "./table.ts";

/** Seconds of a day. */
export const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;
/** The last day of the last year with four digits. */
const LAST_DAY = 2_932_895;
/** Advisory lock of processes that change partitions; "nfsc" and a number. */
const LOCK = [0x6e667363, 2] as const;
/** Timeout of waiting for a lock, which holds up other sessions. */
const PATIENCE = "5s";
/** Start of the comment of partitions that nfscribe created. */
const MADE = "Made by nfscribe";

/** A partition that was created. */
export interface Made {
  name: string;
  /** Number of rows moved from the default partition. */
  moved: number;
}

/**
 * Creates the missing partitions of days, and moves rows from the default partition to them. Cheap
 * for existing partitions; several processes may do it at once.
 *
 * @param sql A connection of the table's owner.
 * @param table The table, which must exist.
 * @param days Days since the Unix epoch, in UTC; days before it or after the year 9999 are skipped.
 * @returns The partitions that were created.
 * @throws The server's error: `42501` if the role lacks the privilege, `55P03` if another session
 *   reads the default partition for long.
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
 * Lists the days of rows in the default partition that could have a partition of their own.
 *
 * @param sql A connection; for roles other than the table's owner the result is empty.
 * @param table The table, which must exist.
 * @param first The first day to look for, in days since the Unix epoch.
 * @param last The last day.
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

/** Returns the name of a day's partition, such as `packets_20260131`. */
export function partitionOf(table: Table, day: number): Table {
  return beside(table, `${table.name}_${dateOf(day).replaceAll("-", "")}`);
}

/** Creates a partition unless it exists; returns the number of rows moved from the default one. */
async function makePartition(sql: Queries, place: Table, day: number): Promise<number | undefined> {
  await beginChange(sql);
  // Another nfscribe may have been faster.
  const partitions = await partitionsOf(sql, place);
  if (hasDay(partitions, day)) return undefined;
  const partition = partitionOf(place, day);
  await requireFree(sql, partition, place);
  const rest = partitions.find(({ from }) => from === undefined);
  const [from, to] = [startOf(day), startOf(day + 1)];
  await sql.unsafe([
    // Writers wait here. A later lock would let them choose the default partition first, and fail.
    `LOCK TABLE ONLY ${quoted(place)} IN SHARE ROW EXCLUSIVE MODE`,
    `CREATE TABLE ${quoted(partition)} (LIKE ${quoted(place)})`,
  ].join(";\n"));
  const moved = rest === undefined ? 0 : await moveRows(sql, rest.place, partition, from, to);
  await sql.unsafe([
    `ALTER TABLE ${quoted(place)} ATTACH PARTITION ${quoted(partition)}
FOR VALUES FROM (${from}) TO (${to})`,
    comment("TABLE", quoted(partition), `${MADE}: ${place.name} of ${dateOf(day)} (UTC)`),
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

/**
 * Begins a transaction: waits for other nfscribe processes without a timeout, then for locks with
 * one.
 */
export async function beginChange(sql: Queries): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${LOCK[0]}, ${LOCK[1]})`;
  await sql.unsafe(
    `SET LOCAL lock_timeout = '${PATIENCE}'; SET LOCAL client_min_messages = warning`,
  );
}

/** Returns a table's name with its schema. */
export async function placeOf(sql: Sql, table: Table): Promise<Table> {
  const relation = await sql.begin(ISOLATION, (own) => relationOf(own, table));
  if (relation !== undefined) return relation.place;
  const name = nameOf(table);
  throw new OutputError(name, `Cannot use table ${name}: it is not there; run nfscribe db init`);
}

/** Returns whether any partition overlaps a day: no other can be created then. */
function hasDay(partitions: readonly Partition[], day: number): boolean {
  const start = day * DAY_SECONDS;
  return partitions.some(({ from, to }) =>
    from !== undefined && from < start + DAY_SECONDS && to! > start
  );
}

/** Returns whether nfscribe created a partition, by its name, its bounds and its comment. */
export function isOurs({ place, from, to, comment }: Partition, table: Table): boolean {
  const day = from! / DAY_SECONDS;
  return Number.isInteger(day) && day >= 0 && day <= LAST_DAY && to === from! + DAY_SECONDS &&
    place.name === partitionOf(table, day).name && comment?.startsWith(MADE) === true;
}

/** Formats a day as `2026-01-31`. */
function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Formats the start of a day in SQL. */
export function startOf(day: number): string {
  return `'${dateOf(day)} 00:00:00+00'`;
}
