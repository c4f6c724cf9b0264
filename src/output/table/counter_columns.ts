/** Columns of the table `counters` in the order of a row: the structured form of a counter. */

import type { Column } from "./columns.ts";

/** Columns of counters: name, type, description with units. */
export const COUNTER_COLUMNS = [
  ["time", "time", "Time of the reading"],
  ["host", "text", "Host that counted"],
  ["capture", "text", "Name of the source that took the record, as in accounting"],
  ["session", "uuid", "Run of nfscribe that logged the record"],
  ["seq", "uint32", "Number of the reading: all of its records have it"],
  ["object", "text", "Kind of the object: nfacct, or nft for a named counter of nftables"],
  ["family", "text", "Family of the table of a named counter, as in inet"],
  ["table_name", "text", "Table of a named counter"],
  ["name", "text", "Name of the object; bytes that are no UTF-8 are written as \\xe9"],
  ["packets", "count", "Packets since the last reading"],
  ["bytes", "count", "Bytes of these packets"],
  ["interval_seconds", "seconds", "Seconds since the last reading, to the microsecond"],
  ["total_packets", "count", "Packets since the object was made or set to 0"],
  ["total_bytes", "count", "Bytes of these packets"],
  ["restarted", "uint8", "1 where the object was made or set to 0 since the last reading"],
  ["quota_packets", "count", "Limit in packets of an object of nfacct"],
  ["quota_bytes", "count", "Limit in bytes of an object of nfacct"],
  ["quota_exceeded", "uint8", "Whether the limit was exceeded: 0 or 1"],
  ["extra", "json", "Fields that the filter attached"],
] as const satisfies readonly Column[];
