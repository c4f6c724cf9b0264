/** Rows of the table of flows in the structured form. */

import { statusNames } from "../../flow/names.ts";
import type { FlowEvent } from "../../flow/raw_flow.ts";
import type { StructuredDirection, StructuredFlow } from "../../flow/structured.ts";
import { protocolName } from "../../packet/protocols.ts";
import { STRUCTURED_VERSION } from "../../packet/structured.ts";
import { FLOW_COLUMNS } from "./flow_columns.ts";
import {
  compact,
  compactHeader,
  jsonOf,
  type ReadableRow,
  readableRow,
  readColumns,
  type StoredValues,
} from "./stored_values.ts";

const READ = readColumns(FLOW_COLUMNS);

/**
 * Returns the flow of a row, in the structured form's names and order.
 *
 * @param row Values of all columns.
 */
export function storedFlow(row: StoredValues): StructuredFlow {
  const values = readableRow(READ, row);
  const { text, number } = values;
  const [protocol, status, labels, extra] = [
    number("protocol") ?? 0,
    number("status"),
    jsonOf(text("labels")),
    text("extra"),
  ];
  return compact({
    type: "flow",
    version: STRUCTURED_VERSION,
    time: text("time")!,
    host: text("host"),
    capture: text("capture") || undefined,
    session: text("session"),
    event: text("event") as FlowEvent,
    protocol: protocolName(protocol) ?? protocol,
    state: text("state"),
    original: directionOf(values, "original")!,
    reply: directionOf(values, "reply"),
    nat: compactHeader({
      source: text("nat_source"),
      sourcePort: number("nat_source_port"),
      destination: text("nat_destination"),
      destinationPort: number("nat_destination_port"),
    }),
    start: text("start_time"),
    end: text("end_time"),
    duration: number("duration"),
    timeout: number("timeout"),
    status: status === undefined ? undefined : statusNames(status),
    id: number("id"),
    mark: number("mark"),
    zone: number("zone"),
    labels: Array.isArray(labels) ? labels : undefined,
    helper: text("helper"),
    securityContext: text("security_context"),
    master: directionOf(values, "master"),
    extra: jsonOf(extra),
  }) as StructuredFlow;
}

function directionOf(
  { text, number }: ReadableRow,
  name: "original" | "reply" | "master",
): StructuredDirection | undefined {
  return compactHeader({
    source: text(`${name}_source`),
    sourcePort: number(`${name}_source_port`),
    destination: text(`${name}_destination`),
    destinationPort: number(`${name}_destination_port`),
    icmpType: number(`${name}_icmp_type`),
    icmpCode: number(`${name}_icmp_code`),
    icmpId: number(`${name}_icmp_id`),
    zone: number(`${name}_zone`),
    packets: number(`${name}_packets`),
    bytes: number(`${name}_bytes`),
  }) as StructuredDirection | undefined;
}
