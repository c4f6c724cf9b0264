/**
 * Indexes for a search by address, on days that are over.
 *
 * @module
 */

import { type Partition, partitionsOf, type Queries } from "./catalog.ts";
import type { Sql } from "./migrate.ts";
import { isOurs, placeOf } from "./partitions.ts";
import { quoted, quotedName, type Table } from "./table.ts";

/** What is searched by. */
const COLUMNS = ["source_address", "destination_address"] as const;
/** Lets one nfscribe at a time make indexes; "nfsc" and a number. */
const LOCK = [0x6e667363, 3] as const;

/**
 * Makes the indexes that are missing on partitions whose day is over, one after the
 * other. Nobody who reads or writes has to wait, and what was there stays.
 *
 * @param sql A connection of the table's owner; busy for as long as it takes.
 * @param table The table, which must be there.
 * @param nowMs The time, in milliseconds since the Unix epoch.
 * @param onStart Told of each index before it is made, as in `packets_20260131 (source_address)`.
 * @throws {Error} If another nfscribe makes them at the moment; or what the server says.
 */
export async function indexClosedDays(
  sql: Sql,
  table: Table,
  nowMs: number,
  onStart: (index: string) => void = () => {},
): Promise<void> {
  const place = await placeOf(sql, table);
  const own = await sql.reserve();
  try {
    // Who waited for the lock would be somebody that making an index waits for.
    const [lock] = await own<{ mine: boolean }[]>`
      SELECT pg_try_advisory_lock(${LOCK[0]}, ${LOCK[1]}) AS mine`;
    if (lock?.mine !== true) throw new Error("another nfscribe makes indexes at the moment");
    const isClosed = (partition: Partition) =>
      isOurs(partition, place) && partition.to! * 1000 <= nowMs;
    for (const { place: day } of (await partitionsOf(own, place)).filter(isClosed)) {
      await indexDay(own, day, onStart);
    }
  } finally {
    await own`SELECT pg_advisory_unlock(${LOCK[0]}, ${LOCK[1]})`;
    own.release();
  }
}

async function indexDay(
  sql: Queries,
  day: Table,
  onStart: (index: string) => void,
): Promise<void> {
  const indexes = await indexesOf(sql, day);
  // What a run that was stopped left behind is of no use, and kept up to date all the same.
  for (const { index } of indexes.filter(({ isValid }) => !isValid)) {
    await sql.unsafe(`DROP INDEX CONCURRENTLY ${index}`);
  }
  for (const column of COLUMNS) {
    if (indexes.some(({ isValid, first }) => isValid && first === column)) continue;
    onStart(`${day.name} (${column})`);
    await sql.unsafe(`CREATE INDEX CONCURRENTLY ON ${quoted(day)} (${quotedName(column)})`);
  }
}

interface Index {
  /** Its name, as SQL has it. */
  index: string;
  /** The column that it is sorted by first. */
  first: string;
  isValid: boolean;
}

/** The B-trees on a table. */
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
