/** Views over counters: counts of each minute, and ulogd's names. */

import type { Dialect } from "./dialect.ts";
import { type View, type ViewedTable, viewName } from "./view.ts";

/** The table whose views, except those that begin with its name, are named without a prefix. */
const PLAIN = "counters";

/** Returns the views that every database has. */
export function counterViewsOf(table: ViewedTable, dialect: Dialect): View[] {
  return [
    {
      name: `${table.name}_per_minute`,
      description: "What each object counted in each minute",
      query: perMinute(table, dialect),
    },
    {
      name: viewName(table, "nfacct", PLAIN),
      description: "Counters with the column names of ulogd 2",
      query: nfacct(table, dialect),
    },
  ];
}

function perMinute({ quoted }: ViewedTable, { minute }: Dialect): string {
  return `SELECT
  ${minute("time")} AS minute,
  object,
  family,
  table_name,
  name,
  sum(packets) AS packets,
  sum(bytes) AS bytes
FROM ${quoted}
GROUP BY ${minute("time")}, object, family, table_name, name`;
}

/** Returns the query of the view with the columns of ulogd 2's table `nfacct`. */
function nfacct({ quoted }: ViewedTable, { seconds, micros }: Dialect): string {
  return `SELECT
  name AS sum_name,
  COALESCE(total_packets, packets) AS sum_pkts,
  COALESCE(total_bytes, bytes) AS sum_bytes,
  ${seconds("time")} AS oob_time_sec,
  ${micros("time")} AS oob_time_usec,
  time
FROM ${quoted}`;
}
