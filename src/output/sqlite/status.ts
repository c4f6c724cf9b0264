/** Looks at the table: its rows, its size, and who has written them. */

import type { DatabaseSync } from "node:sqlite";
import type { TableStatus } from "../define.ts";
import { SPOOLS } from "../table/name.ts";
import type { RecordTable } from "../table/record_table.ts";
import { endsOf, hostsOf } from "../table/spool_rows.ts";
import type { StoredValues } from "../table/stored_values.ts";
import { versionOf } from "./open.ts";
import { newestOf, quoted } from "./schema.ts";

/** Looks at a table, which must be there. Rows are counted in its smallest index, which is quick. */
export function statusOf(
  database: DatabaseSync,
  record: RecordTable,
  path: string,
  table: string,
): TableStatus {
  const get = (query: string): StoredValues => {
    const statement = database.prepare(query);
    statement.setReadBigInts(true);
    return statement.get() as StoredValues;
  };
  const { bytes } = get(
    "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
  );
  const { count } = get(`SELECT count(*) AS count FROM ${quoted(table)}`);
  const { oldest } = get(`SELECT min(time) AS oldest FROM ${quoted(table)}`);
  const { newest } = get(`SELECT max(time) AS newest FROM ${quoted(table)}`);
  const spools = database.prepare(
    `SELECT spool, position, rows, host, updated FROM ${SPOOLS} WHERE table_name = ?`,
  ).all(table);
  return {
    kind: record.kind,
    where: path,
    table,
    version: versionOf(database, record, path, table),
    newestVersion: newestOf(record),
    rows: Number(count),
    ...endsOf(oldest, newest),
    bytes: Number(bytes),
    isFileSize: true,
    ...hostsOf(spools as StoredValues[]),
  };
}
