/**
 * Counts of records by time and a few keys, which the writer keeps beside the rows: charts of long
 * times read them instead. Described once for every database. Pure.
 */

import { ETH_P_ARP, ETH_P_RARP } from "../../../packet/ether_types.ts";
import type { Column } from "../columns.ts";
import type { StoredKind } from "../reading.ts";
import type { RecordTable } from "../record_table.ts";

/** Widths of the intervals that are counted, in seconds: a minute, an hour, a day. */
export const STEPS = [60, 3600, 86_400] as const;
/** End of the name of a table with counts, behind that of the records'. */
export const COUNTS_SUFFIX = "_counts";

/** In place of a protocol's number: there is none. */
export const NO_PROTOCOL = -1;
/** In place of a protocol's number: ARP or RARP. */
export const ARP_KEY = -2;
/** In place of a prefix: any of those beyond {@linkcode PREFIXES_MOST}. */
export const OTHER_PREFIX = "*";
/** Most prefixes of a batch that are counted by themselves. */
export const PREFIXES_MOST = 1000;

/** Most characters of a text: the keys of all databases hold them. */
export const TEXT_MOST = { host: 255, capture: 128, prefix: 255 } as const;

/** Columns of counts, the keys first: name, type, description with units. */
export const COUNT_COLUMNS = [
  ["step", "uint32", "Width of the interval in seconds: 60, 3600 or 86400"],
  ["start", "time", "Start of the interval"],
  ["host", "text", "Host that logged the records"],
  ["capture", "text", "Name of the source that took them"],
  ["prefix", "text", "Prefix of packets; * for all beyond 1000 at once"],
  ["protocol", "int16", "IP protocol number; -1 without one, -2 of ARP"],
  ["records", "count", "Number of records"],
  ["bytes", "count", "Bytes: lengths of packets; of flows both directions, once they have ended"],
] as const satisfies readonly (readonly [string, Column[1] | "int16", string])[];

/** Columns that tell counts apart. */
export const KEY_COLUMNS = ["step", "start", "host", "capture", "prefix", "protocol"] as const;

/** A count. */
export interface Count {
  step: typeof STEPS[number];
  /** Start of the interval, in seconds since the Unix epoch. */
  start: number;
  host: string;
  capture: string;
  prefix: string;
  protocol: number;
  records: number;
  bytes: number;
}

/** SQL over the rows of a kind for what is counted of them. */
export interface CountedSql {
  prefix: string;
  protocol: string;
  bytes: string;
}

/** Events at which the bytes of a flow are counted. */
export const ENDS: readonly string[] = ["destroy", "inferred"];

/** SQL that every database knows. */
export const COUNTED_SQL: Readonly<Record<StoredKind, CountedSql>> = {
  packet: {
    prefix: "coalesce(prefix, '')",
    protocol: `CASE WHEN protocol IS NOT NULL THEN protocol WHEN ethertype IN ` +
      `(${ETH_P_ARP}, ${ETH_P_RARP}) OR source_address IS NOT NULL THEN ${ARP_KEY} ` +
      `ELSE ${NO_PROTOCOL} END`,
    bytes: "coalesce(length, 0)",
  },
  flow: {
    prefix: "''",
    protocol: `coalesce(protocol, ${NO_PROTOCOL})`,
    bytes: `CASE WHEN event IN (${ENDS.map((event) => `'${event}'`).join(", ")}) ` +
      "THEN coalesce(original_bytes, 0) + coalesce(reply_bytes, 0) ELSE 0 END",
  },
};

/** Returns whether records of a table are counted. */
export function isCounted({ kind }: Pick<RecordTable, "kind">): boolean {
  return kind !== "counter";
}
