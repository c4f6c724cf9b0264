/** Values by which records are counted: their columns, and the texts that people read. Pure. */

import { protocolName } from "../../../packet/protocols.ts";
import { ARP_KEY, NO_PROTOCOL } from "../counts/counted.ts";
import type { ChartKey, StoredKind, TopKey } from "../reading.ts";
import { readableRow, type StoredValue } from "../stored_values.ts";
import type { Column, ColumnType } from "../columns.ts";
import { FLOWS } from "../flows.ts";
import { PACKETS } from "../packets.ts";

/** Columns of the fields of top lists; absent where records have none. */
const TOP_COLUMNS: Readonly<Record<StoredKind, Readonly<Partial<Record<TopKey, string>>>>> = {
  packet: {
    source: "source_address",
    destination: "destination_address",
    sourcePort: "source_port",
    destinationPort: "destination_port",
    protocol: "protocol",
    prefix: "prefix",
    in: "in_dev",
    out: "out_dev",
    uid: "uid",
    host: "host",
  },
  flow: {
    source: "original_source",
    destination: "original_destination",
    sourcePort: "original_source_port",
    destinationPort: "original_destination_port",
    protocol: "protocol",
    host: "host",
  },
};

const COLUMNS: Readonly<Record<StoredKind, readonly Column[]>> = {
  packet: PACKETS.columns,
  flow: FLOWS.columns,
};

/** Returns the column of a field; undefined where records of a kind have none. */
export function columnOf(kind: StoredKind, key: TopKey): Column | undefined {
  const name = TOP_COLUMNS[kind][key];
  return COLUMNS[kind].find(([column]) => column === name);
}

/** Returns the text of a value. */
export function valueText(key: TopKey | ChartKey, type: ColumnType, value: StoredValue): string {
  if (value === null) return "";
  if (key === "protocol") return protocolText(Number(value));
  const row = readableRow([["value", type, ""]], { value });
  return String(row.text("value") ?? "");
}

/** Returns the text of a protocol's number, or of its stand-in in counts. */
function protocolText(number: number): string {
  if (number === NO_PROTOCOL) return "";
  return number === ARP_KEY ? "ARP" : protocolName(number) ?? String(number);
}
