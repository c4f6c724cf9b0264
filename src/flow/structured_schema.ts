/**
 * The structured form of a flow, described: the check of what another process says and the
 * published JSON Schema are made from it.
 */

import * as v from "valibot";
import { bits, parseForm, table, text, upTo } from "../packet/form_schema.ts";
import { STRUCTURED_VERSION } from "../packet/structured.ts";
import { STATUS_NAMES } from "./names.ts";
import { FLOW_EVENTS } from "./raw_flow.ts";
import type { StructuredFlow } from "./structured.ts";

const may = v.exactOptional;
const count = (description: string) => upTo(Number.MAX_SAFE_INTEGER, description);

const port = (description: string) => may(bits(16, description));

/** Addresses, ports and counters of one direction. */
const direction = table("Direction of a flow.", {
  source: text("Sender's address."),
  sourcePort: port("Sender's port."),
  destination: text("Receiver's address."),
  destinationPort: port("Receiver's port."),
  icmpType: may(bits(8, "Type of ICMP or ICMPv6 messages.")),
  icmpCode: may(bits(8, "Code of ICMP or ICMPv6 messages.")),
  icmpId: may(bits(16, "Identifier of ICMP or ICMPv6 messages.")),
  zone: may(bits(16, "Zone, where it is that of this direction only.")),
  packets: may(count("Packets.")),
  bytes: may(count("Bytes of these packets, from their IP headers on.")),
});

/** Parts of the form that the JSON Schema has by name. */
export const flowSchemaParts = { direction };

/** The structured form of a flow. */
export const flowSchema = v.object({
  type: v.pipe(v.literal("flow"), v.description("Kind of record.")),
  version: v.pipe(
    v.literal(STRUCTURED_VERSION),
    v.description("Version of the form: it is raised where a name gets another meaning."),
  ),
  time: text(
    "The kernel's time of the event, else the time of receipt: RFC 3339, in UTC, with microseconds.",
  ),
  host: may(text("Name of the host that tracked the flow.")),
  capture: may(text("Name of the source that took the record.")),
  session: may(text("Identifier of the run of nfscribe: a UUID.")),
  event: v.pipe(
    v.picklist(FLOW_EVENTS),
    v.description(
      "Reason of the record: the flow is new, has changed (update), has ended (destroy), goes on " +
        "(interim), or ended while events were lost (inferred).",
    ),
  ),
  protocol: v.pipe(
    v.union([v.string(), bits(8, "Number of the protocol.")]),
    v.description("Name of the protocol that IP carries, or its number."),
  ),
  state: may(text("State of TCP, SCTP or DCCP, as conntrack(8) prints it.")),
  original: direction,
  reply: may(direction),
  nat: may(table("Translation of addresses and ports.", {
    source: may(text("Address that stands for the sender's.")),
    sourcePort: port("Port that stands for the sender's."),
    destination: may(text("Address that stands for the receiver's.")),
    destinationPort: port("Port that stands for the receiver's."),
  })),
  start: may(text("Time of the first packet: RFC 3339, in UTC, with microseconds.")),
  end: may(text("Time of the end.")),
  duration: may(
    v.pipe(v.number(), v.description("Seconds from start to end, to the microsecond.")),
  ),
  timeout: may(bits(32, "Seconds until the kernel forgets the flow without further packets.")),
  status: may(
    v.pipe(v.array(v.picklist(STATUS_NAMES)), v.description("Properties of the flow (IPS_*).")),
  ),
  id: may(bits(32, "The kernel's identifier: the same in all records of a flow.")),
  mark: may(bits(32, "Mark of the flow (ct mark).")),
  zone: may(bits(16, "Zone of both directions (ct zone).")),
  labels: may(
    v.pipe(
      v.array(bits(7, "Number of a label.")),
      v.description("Labels that are set (ct label)."),
    ),
  ),
  helper: may(text("Name of the helper that follows the flow's protocol.")),
  securityContext: may(text("Security context.")),
  master: may(direction),
  extra: may(
    v.pipe(v.record(v.string(), v.unknown()), v.description("Fields that a filter attached.")),
  ),
});

/**
 * Returns the structured form that a text holds, fields that the form does not have left out, and
 * fields that a filter attached; undefined where it holds none.
 *
 * @param json A text from another process.
 */
export function parseFlow(json: string): StructuredFlow | undefined {
  const form = parseForm(flowSchema, json);
  if (form === undefined) return undefined;
  const { extra: _, ...rest } = form;
  return rest;
}
