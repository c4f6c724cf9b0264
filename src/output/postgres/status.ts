/** Looks at the table: its rows, its size, and who has written them. */

import type { TableStatus } from "../define.ts";
import { SPOOLS } from "../table/name.ts";
import { endsOf, hostsOf } from "../table/spool_rows.ts";
import type { RecordTable } from "../table/record_table.ts";
import type { StoredValues } from "../table/stored_values.ts";
import { type Queries, relationOf } from "./catalog.ts";
import { look, type Sql } from "./migrate.ts";
import { CANCELED } from "./query.ts";
import { newestOf } from "./schema.ts";
import { beside, nameOf, quoted, type Table } from "./table.ts";

/** Looks at a table; undefined if it is missing. */
export async function statusOf(
  sql: Sql,
  record: RecordTable,
  table: Table,
  where: string,
  timeoutMs: number,
): Promise<TableStatus | undefined> {
  const { place, version } = await look(sql, record, table);
  if (version === 0) return undefined;
  const [size] = await sql.unsafe<{ bytes: string }[]>(
    "SELECT sum(pg_total_relation_size(relid))::text AS bytes FROM pg_partition_tree($1::regclass)",
    [quoted(place)],
  );
  const books = beside(place, SPOOLS);
  const spools = await relationOf(sql, books) === undefined ? [] : await sql.unsafe<StoredValues[]>(
    "SELECT spool::text, position::text, rows::text, host, updated::text " +
      `FROM ${quoted(books)} WHERE table_name = $1`,
    [place.name],
  );
  return {
    kind: record.kind,
    where,
    table: nameOf(place),
    version,
    newestVersion: newestOf(record),
    ...await sql.begin("READ ONLY", (own) => rowsOf(own, place, timeoutMs)).catch((error) => {
      if (error.code !== CANCELED) throw error;
      return {};
    }),
    bytes: Number(size!.bytes),
    ...hostsOf(spools),
  };
}

async function rowsOf(sql: Queries, place: Table, timeoutMs: number) {
  await sql.unsafe(`SET LOCAL statement_timeout = ${timeoutMs}`);
  const [row] = await sql.unsafe<StoredValues[]>(
    "SELECT count(*)::text AS rows, min(time)::text AS oldest, max(time)::text AS newest " +
      `FROM ${quoted(place)}`,
  );
  return { rows: Number(row!.rows), ...endsOf(row!.oldest, row!.newest) };
}
