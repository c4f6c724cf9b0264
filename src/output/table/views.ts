/** Views over the table: packets per minute, top sources and ports, and ulogd's names. */

import { COLUMNS } from "./columns.ts";
import type { Dialect } from "./dialect.ts";
import { ulog1Query, ulogQuery } from "./ulog.ts";

/** The table whose views, except those that begin with its name, are named without a prefix. */
const PLAIN = "packets";

/** A view. */
export interface View {
  name: string;
  description: string;
  query: string;
}

/** A table, as views over it need it. */
export interface ViewedTable {
  /** Its name, without that of its schema. */
  name: string;
  /** Its name in SQL. */
  quoted: string;
}

/** Returns the views that every database has. */
export function viewsOf(table: ViewedTable, dialect: Dialect): View[] {
  return [
    {
      name: `${table.name}_per_minute`,
      description: "Packets and bytes of each minute, by source and prefix",
      query: perMinute(table, dialect),
    },
    {
      name: viewName(table, "top_sources"),
      description: "Who sent packets, most first",
      query: topSources(table, dialect),
    },
    {
      name: viewName(table, "top_ports"),
      description: "Ports that packets went to, most first",
      query: topPorts(table, dialect),
    },
    {
      name: viewName(table, "ulog"),
      description: "Packets with the column names of ulogd 2",
      query: ulogQuery(table.quoted, dialect),
    },
  ];
}

/** Returns the view with the columns of ulogd 1. */
export function ulog1View(table: ViewedTable, dialect: Dialect): View {
  return {
    name: viewName(table, "ulog1"),
    description: "IPv4 packets with the column names of ulogd 1",
    query: ulog1Query(table.quoted, dialect),
  };
}

/** Types of columns that people may not be able to read as they are stored. */
export type Unreadable = "time" | "uuid" | "mac" | "address";

/** Returns the view of all columns as people can read them. */
export function textView(
  { name, quoted }: ViewedTable,
  dialect: Dialect,
  unreadable: readonly Unreadable[],
  further: readonly string[] = [],
): View {
  const columns = COLUMNS.map(([name, type]) => {
    const form = unreadable.find((one) => one === type);
    return form === undefined ? `  ${name}` : `  ${dialect[form](name)} AS ${name}`;
  });
  return {
    name: `${name}_text`,
    description: "Packets with values that people can read",
    query: `SELECT\n${[...columns, ...further].join(",\n")}\nFROM ${quoted}`,
  };
}

function viewName({ name }: ViewedTable, view: string): string {
  return name === PLAIN ? view : `${name}_${view}`;
}

function perMinute({ quoted }: ViewedTable, { minute }: Dialect): string {
  return `SELECT
  ${minute("time")} AS minute,
  capture,
  prefix,
  count(*) AS packets,
  sum(length) AS bytes
FROM ${quoted}
GROUP BY 1, 2, 3`;
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

function named(expression: string, name: string): string {
  return expression === name ? name : `${expression} AS ${name}`;
}
