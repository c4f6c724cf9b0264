/** Views over flows: the NAT log, flows of each hour, and ulogd's names. */

import type { Dialect } from "./dialect.ts";
import { named, type View, type ViewedTable, viewName } from "./view.ts";

/** The table whose views, except those that begin with its name, are named without a prefix. */
const PLAIN = "flows";
/** IP protocol number. */
const ICMP = 1;
/** Address families, as ulogd numbers them. */
const [IPV4, IPV6] = [2, 10];

/** Events of ends, in SQL. */
const ENDS = "('destroy', 'inferred')";

/** Returns the views that every database has. */
export function flowViewsOf(table: ViewedTable, dialect: Dialect): View[] {
  return [
    {
      name: `${table.name}_per_minute`,
      description:
        "Flows that ended in each minute, their packets and bytes, by source and protocol",
      query: perMinute(table, dialect),
    },
    {
      name: viewName(table, "nat_log", PLAIN),
      description: "Records of flows whose sender got another address or port (RFC 6888)",
      query: natLog(table, dialect),
    },
    {
      name: viewName(table, "ulog2_ct", PLAIN),
      description: "Flows with the column names of ulogd 2",
      query: ulog2Ct(table, dialect),
    },
  ];
}

function perMinute({ quoted }: ViewedTable, { minute }: Dialect): string {
  return `SELECT
  ${minute("time")} AS minute,
  capture,
  protocol,
  count(*) AS flows,
  sum(original_packets) + sum(reply_packets) AS packets,
  sum(original_bytes) + sum(reply_bytes) AS bytes
FROM ${quoted}
WHERE event IN ${ENDS}
GROUP BY ${minute("time")}, capture, protocol`;
}

/** Returns the query of the NAT log, in the words of RFC 6888. */
function natLog({ quoted }: ViewedTable, dialect: Dialect): string {
  const { time, address } = dialect;
  const columns = [
    named(time("time"), "time"),
    "host",
    "event",
    "protocol",
    `${address("original_source")} AS internal_address`,
    "original_source_port AS internal_port",
    `${address("reply_destination")} AS external_address`,
    "reply_destination_port AS external_port",
    `${address("original_destination")} AS destination_address`,
    "original_destination_port AS destination_port",
    named(time("start_time"), "start_time"),
    named(time("end_time"), "end_time"),
    "id",
  ];
  return `SELECT\n  ${columns.join(",\n  ")}\nFROM ${quoted}
WHERE (nat_source IS NOT NULL OR nat_source_port IS NOT NULL)`;
}

/** Returns the query of the view with the columns of ulogd 2's table `ulog2_ct`. */
function ulog2Ct({ quoted }: ViewedTable, dialect: Dialect): string {
  const { cast, address, isVersion, seconds, micros } = dialect;
  const family = `CASE WHEN ${isVersion("original_source", 4)} THEN ${IPV4} ` +
    `WHEN ${isVersion("original_source", 6)} THEN ${IPV6} END`;
  const event =
    "CASE event WHEN 'new' THEN 1 WHEN 'destroy' THEN 4 WHEN 'inferred' THEN 4 ELSE 2 END";
  const ofIcmp = (expression: string) => `CASE WHEN protocol = ${ICMP} THEN ${expression} END`;
  // As ulogd, which sets the start of flows that are new and the end of those that ended.
  const start = "COALESCE(start_time, CASE WHEN event = 'new' THEN time END)";
  const end = `CASE WHEN event IN ${ENDS} THEN COALESCE(end_time, time) END`;
  const columns: (readonly [name: string, expression: string])[] = [
    ["_ct_id", "id"],
    ["oob_family", cast(family, "smallint")],
    ...(["original", "reply"] as const).flatMap((direction) => {
      const name = direction === "original" ? "orig" : direction;
      return [
        [`${name}_ip_saddr_str`, address(`${direction}_source`)],
        [`${name}_ip_daddr_str`, address(`${direction}_destination`)],
        [`${name}_ip_protocol`, "protocol"],
        [`${name}_l4_sport`, `${direction}_source_port`],
        [`${name}_l4_dport`, `${direction}_destination_port`],
        [`${name}_raw_pktlen`, `${direction}_bytes`],
        [`${name}_raw_pktcount`, `${direction}_packets`],
      ] as const;
    }),
    ["icmp_code", ofIcmp("original_icmp_code")],
    ["icmp_type", ofIcmp("original_icmp_type")],
    ["ct_mark", "mark"],
    ["flow_start_sec", seconds(`(${start})`)],
    ["flow_start_usec", micros(`(${start})`)],
    ["flow_end_sec", seconds(`(${end})`)],
    ["flow_end_usec", micros(`(${end})`)],
    ["ct_event", cast(`(${event})`, "smallint")],
    // Not one of ulogd's: a condition on it leads straight to the requested days.
    ["time", "time"],
  ];
  const lines = columns.map(([name, expression]) => `  ${named(expression, name)}`);
  return `SELECT\n${lines.join(",\n")}\nFROM ${quoted}`;
}
