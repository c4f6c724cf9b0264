/** Views: packets per minute, top sources and ports, and ulogd 2's view. */

import { beside, quoted, type Table } from "../table.ts";
import { comment } from "./base.ts";
import { ulogQuery } from "./ulog.ts";

/** The table whose views, except one, are named without a prefix. */
const PLAIN = "packets";

interface View {
  name: string;
  description: string;
  query: string;
}

/** Returns the statements that create the views of a table. */
export function makeViews(table: Table): string[] {
  return viewsOf(table).flatMap(({ name, description, query }) => {
    const view = quoted(beside(table, name));
    return [`CREATE VIEW ${view} AS\n${query}`, comment("VIEW", view, description)];
  });
}

function viewsOf(table: Table): View[] {
  const named = (name: string) => table.name === PLAIN ? name : `${table.name}_${name}`;
  return [
    {
      name: `${table.name}_per_minute`,
      description: "Packets and bytes of each minute, by source and prefix",
      query: perMinute(table),
    },
    {
      name: named("top_sources"),
      description: "Who sent packets, most first",
      query: topSources(table),
    },
    {
      name: named("top_ports"),
      description: "Ports that packets went to, most first",
      query: topPorts(table),
    },
    {
      name: named("ulog"),
      description: "Packets with the column names of ulogd 2",
      query: ulogQuery(table),
    },
  ];
}

function perMinute(table: Table): string {
  return `SELECT
  date_trunc('minute', time) AS minute,
  capture,
  prefix,
  count(*) AS packets,
  sum(length) AS bytes
FROM ${quoted(table)}
GROUP BY 1, 2, 3`;
}

function topSources(table: Table): string {
  return `SELECT
  source_address,
  count(*) AS packets,
  sum(length) AS bytes,
  min(time) AS first_seen,
  max(time) AS last_seen
FROM ${quoted(table)}
WHERE source_address IS NOT NULL
GROUP BY source_address
ORDER BY packets DESC`;
}

function topPorts(table: Table): string {
  return `SELECT
  protocol,
  destination_port,
  count(*) AS packets,
  sum(length) AS bytes,
  count(DISTINCT source_address) AS sources,
  min(time) AS first_seen,
  max(time) AS last_seen
FROM ${quoted(table)}
WHERE destination_port IS NOT NULL
GROUP BY protocol, destination_port
ORDER BY packets DESC`;
}
