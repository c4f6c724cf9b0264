/** Indexes for a search by address, on days that are over. */

import { type Partition, partitionsOf, type Queries } from "./catalog.ts";
import type { Sql } from "./migrate.ts";
import { isOurs, placeOf } from "./partitions.ts";
import { isPooled } from "./pooled.ts";
import { quoted, quotedName, type Table } from "./table.ts";

/** Advisory lock, so that only one nfscribe at a time creates indexes; "nfsc" and a number. */
const LOCK = [0x6e667363, 3] as const;

/**
 * Creates the missing indexes on partitions whose day is over, one by one. Readers and writers need
 * not wait, and existing indexes stay.
 *
 * @param sql A connection of the table's owner, in use until the end.
 * @param table The table, which must exist.
 * @param columns Columns to search by.
 * @param nowMs The current time, in milliseconds since the Unix epoch.
 * @param onStart Called before each index with a text such as `packets_20260131 (source_address)`.
 * @throws {Error} If another nfscribe creates indexes at the same time, or a pooler stands between; or the server's error.
 */
export async function indexClosedDays(
  sql: Sql,
  table: Table,
  columns: readonly string[],
  nowMs: number,
  onStart: (index: string) => void = () => {},
): Promise<void> {
  const place = await placeOf(sql, table);
  const own = await sql.reserve();
  let isLocked = false;
  try {
    if (await isPooled(own)) {
      throw new Error(
        "indexes take a session of the server, and a pooler stands between; " +
          "name the server itself in the URL",
      );
    }
    // Not waited for: building an index concurrently waits for other sessions' snapshots, and so
    // for one that waits for this lock.
    const [lock] = await own<{ mine: boolean }[]>`
      SELECT pg_try_advisory_lock(${LOCK[0]}, ${LOCK[1]}) AS mine`;
    isLocked = lock?.mine === true;
    if (!isLocked) throw new Error("another nfscribe makes indexes at the moment");
    const isClosed = (partition: Partition) =>
      isOurs(partition, place) && partition.to! * 1000 <= nowMs;
    for (const { place: day } of (await partitionsOf(own, place)).filter(isClosed)) {
      await indexDay(own, day, columns, onStart);
    }
  } finally {
    if (isLocked) await own`SELECT pg_advisory_unlock(${LOCK[0]}, ${LOCK[1]})`;
    own.release();
  }
}

async function indexDay(
  sql: Queries,
  day: Table,
  columns: readonly string[],
  onStart: (index: string) => void,
): Promise<void> {
  const indexes = await indexesOf(sql, day);
  // An invalid index, left by an aborted run, is useless and still slows down writes.
  for (const { index } of indexes.filter(({ isValid }) => !isValid)) {
    await sql.unsafe(`DROP INDEX CONCURRENTLY ${index}`);
  }
  for (const column of columns) {
    if (indexes.some(({ isValid, first }) => isValid && first === column)) continue;
    onStart(`${day.name} (${column})`);
    await sql.unsafe(`CREATE INDEX CONCURRENTLY ON ${quoted(day)} (${quotedName(column)})`);
  }
}

interface Index {
  /** Its name in SQL. */
  index: string;
  /** Its first column. */
  first: string;
  isValid: boolean;
}

/** Lists the B-tree indexes of a table. */
function indexesOf(sql: Queries, day: Table): Promise<readonly Index[]> {
  return sql<Index[]>`
    SELECT format('%I.%I', n.nspname, c.relname) AS index, a.attname AS first,
      i.indisvalid AS "isValid"
    FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_am m ON m.oid = c.relam AND m.amname = 'btree'
      JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = ${quoted(day)}::regclass`;
}
