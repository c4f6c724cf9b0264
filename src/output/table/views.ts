/** Views over packets: packets per minute, top sources and ports, and ulogd's names. */

import type { Dialect } from "./dialect.ts";
import { ulog1Query, ulogQuery } from "./ulog.ts";
import { named, type View, type ViewedTable, viewName } from "./view.ts";

/** The table whose views, except those that begin with its name, are named without a prefix. */
const PLAIN = "packets";

/** Returns the views that every database has. */
export function viewsOf(table: ViewedTable, dialect: Dialect): View[] {
  return [
    {
      name: `${table.name}_per_minute`,
      description: "Packets and bytes of each minute, by source and prefix",
      query: perMinute(table, dialect),
    },
    {
      name: viewName(table, "top_sources", PLAIN),
      description: "Who sent packets, most first",
      query: topSources(table, dialect),
    },
    {
      name: viewName(table, "top_ports", PLAIN),
      description: "Ports that packets went to, most first",
      query: topPorts(table, dialect),
    },
    {
      name: viewName(table, "ulog", PLAIN),
      description: "Packets with the column names of ulogd 2",
      query: ulogQuery(table.quoted, dialect),
    },
  ];
}

/** Returns the view with the columns of ulogd 1. */
export function ulog1View(table: ViewedTable, dialect: Dialect): View {
  return {
    name: viewName(table, "ulog1", PLAIN),
    description: "IPv4 packets with the column names of ulogd 1",
    query: ulog1Query(table.quoted, dialect),
  };
}

function perMinute({ quoted }: ViewedTable, { minute }: Dialect): string {
  return `SELECT
  ${minute("time")} AS minute,
  capture,
  prefix,
  count(*) AS packets,
  sum(length) AS bytes
FROM ${quoted}
GROUP BY ${minute("time")}, capture, prefix`;
}

function topSources({ quoted }: ViewedTable, { address, time }: Dialect): string {
  return `SELECT
  ${named(address("source_address"), "source_address")},
  count(*) AS packets,
  sum(length) AS bytes,
  ${time("min(time)")} AS first_seen,
  ${time("max(time)")} AS last_seen
FROM ${quoted}
WHERE source_address IS NOT NULL
GROUP BY source_address
ORDER BY packets DESC`;
}

function topPorts({ quoted }: ViewedTable, { time }: Dialect): string {
  return `SELECT
  protocol,
  destination_port,
  count(*) AS packets,
  sum(length) AS bytes,
  count(DISTINCT source_address) AS sources,
  ${time("min(time)")} AS first_seen,
  ${time("max(time)")} AS last_seen
FROM ${quoted}
WHERE destination_port IS NOT NULL
GROUP BY protocol, destination_port
ORDER BY packets DESC`;
}
