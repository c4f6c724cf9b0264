/** Downloads as comma-separated values (RFC 4180). Pure. */

import type { Row, StoredKind } from "../../../output/table/reading.ts";
import type { DownloadFormat } from "./format.ts";

/** Columns: paths in the structured form. */
const COLUMNS: Readonly<Record<StoredKind, readonly string[]>> = {
  packet: [
    "time",
    "host",
    "capture",
    "prefix",
    "hook",
    "in",
    "out",
    "mark",
    "source",
    "sourcePort",
    "destination",
    "destinationPort",
    "protocol",
    "length",
    "tcp.flagNames",
    "icmp.type",
    "icmp.code",
    "icmpv6.type",
    "icmpv6.code",
    "ip.hopLimit",
    "ip.trafficClass",
    "ethernet.source",
    "ethernet.destination",
    "uid",
    "gid",
    "seq",
  ],
  flow: [
    "time",
    "host",
    "capture",
    "event",
    "protocol",
    "id",
    ...["original", "reply"].flatMap((side) =>
      ["source", "sourcePort", "destination", "destinationPort", "packets", "bytes"]
        .map((name) => `${side}.${name}`)
    ),
    "start",
    "end",
    "state",
    "mark",
    "zone",
  ],
};

/** Beginnings of cells that a spreadsheet takes for formulas, also in full width. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
/** Characters that end a cell, semicolons and tabs in some locales and settings. */
const QUOTED = /[",;\t\r\n]/;

/** Returns the format. */
export function csvDownload(kind: StoredKind): DownloadFormat {
  const encoder = new TextEncoder();
  const columns = COLUMNS[kind].map((path) => path.split("."));
  return {
    type: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    head: () => encoder.encode(`${COLUMNS[kind].join(",")}\r\n`),
    record: (row) =>
      encoder.encode(`${columns.map((path) => cellOf(valueAt(row, path))).join(",")}\r\n`),
  };
}

function valueAt(row: Row, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | undefined)?.[name],
    row,
  );
}

/**
 * Writes a cell. Text that a spreadsheet would take for a formula begins with an apostrophe: names
 * and labels may come from others.
 */
function cellOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return String(value);
  const text = String(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
