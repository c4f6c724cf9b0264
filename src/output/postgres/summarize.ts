/**
 * Brings the index on time up to the rows that were written last: without it, every query reads the
 * end of the table, until the server's own maintenance comes by.
 */

import { ISOLATION, type Sql } from "./migrate.ts";
import { partitionOf } from "./partitions.ts";
import { literal } from "./schema/base.ts";
import { quoted, type Table } from "./table.ts";

/** Time that it may take, in milliseconds; the rest is for the next time. */
const LIMIT_MS = 500;
/** SQLSTATE `query_canceled`. */
const CANCELED = "57014";

/**
 * Summarizes new rows in the indexes of some days' partitions, where the role owns them. Rows can be
 * written meanwhile.
 *
 * @param days Days since the Unix epoch, in UTC.
 */
export async function summarize(sql: Sql, table: Table, days: readonly number[]): Promise<void> {
  const names = days.map((day) => literal(partitionOf(table, day).name)).join(", ");
  try {
    await sql.begin(ISOLATION, async (own) => {
      await own.unsafe(`SET LOCAL statement_timeout = ${LIMIT_MS}`);
      await own.unsafe(
        `SELECT pg_catalog.brin_summarize_new_values(i.indexrelid)
FROM pg_catalog.pg_partition_tree(${literal(quoted(table))}::regclass) t
  JOIN pg_catalog.pg_class c ON c.oid = t.relid
  JOIN pg_catalog.pg_index i ON i.indrelid = t.relid
  JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_am a ON a.oid = x.relam
WHERE t.isleaf AND a.amname = 'brin' AND c.relname IN (${names})
  AND pg_catalog.pg_has_role(c.relowner, 'USAGE')`,
      );
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== CANCELED) throw error;
  }
}
