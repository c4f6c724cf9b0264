/**
 * The structured form of a flow, for JSON and for all that shows flows: nested, names as in the
 * API, absent where something is unknown.
 */

import { protocolName } from "../packet/protocols.ts";
import { type JsonObject, STRUCTURED_VERSION, timeText } from "../packet/structured.ts";
import type { DirectionFacts, FlowFacts, FlowNat } from "./facts.ts";
import type { FlowStatus } from "./names.ts";
import type { FlowEvent } from "./raw_flow.ts";

/** Addresses, ports and counters of one direction. */
export interface StructuredDirection {
  /** Sender's address. */
  source: string;
  /** Sender's port. */
  sourcePort?: number;
  /** Receiver's address. */
  destination: string;
  /** Receiver's port. */
  destinationPort?: number;
  /** Type of ICMP or ICMPv6 messages. */
  icmpType?: number;
  /** Code of ICMP or ICMPv6 messages. */
  icmpCode?: number;
  /** Identifier of ICMP or ICMPv6 messages. */
  icmpId?: number;
  /** Zone, where it is that of this direction only. */
  zone?: number;
  /** Packets. */
  packets?: number;
  /** Bytes of these packets, from their IP headers on. */
  bytes?: number;
}

/** Structured form of a flow. */
export interface StructuredFlow {
  /** Kind of record. */
  type: "flow";
  /** Version of the form. */
  version: number;
  /** The kernel's time of the event, else the time of receipt: RFC 3339, in UTC, with microseconds. */
  time: string;
  /** Name of the host that tracked the flow, in lines of an output. */
  host?: string;
  /** Name of the source that took the record, in a run of nfscribe. */
  capture?: string;
  /** Identifier of the run of nfscribe, a UUID (RFC 9562), in lines of an output. */
  session?: string;
  /** Reason of the record. */
  event: FlowEvent;
  /** Name of the protocol that IP carries, as in `TCP`, or its number where it has none here. */
  protocol: string | number;
  /** State of TCP, SCTP or DCCP. */
  state?: string;
  /** Direction of the first packet. */
  original: StructuredDirection;
  /** Direction of answers. */
  reply?: StructuredDirection;
  /** Translation of addresses and ports. */
  nat?: FlowNat;
  /** Time of the first packet: RFC 3339, in UTC, with microseconds. */
  start?: string;
  /** Time of the end. */
  end?: string;
  /** Seconds from start to end. */
  duration?: number;
  /** Seconds until the kernel forgets the flow if there are no further packets. */
  timeout?: number;
  /** Properties of the flow. */
  status?: FlowStatus[];
  /** The kernel's identifier of the flow. */
  id?: number;
  /** Mark of the flow. */
  mark?: number;
  /** Zone of both directions. */
  zone?: number;
  /** Numbers of the labels that are set. */
  labels?: number[];
  /** Name of the helper that follows the flow's protocol. */
  helper?: string;
  /** Security context. */
  securityContext?: string;
  /** Flow that this one belongs to. */
  master?: StructuredDirection;
  /** Fields that a filter attached. */
  extra?: JsonObject;
}

/** Parts of the form that are not the flow's own. */
export interface FlowContext {
  /** Name of the host; left out for none. */
  host?: string;
  /** Name of the source that took the record; empty or left out for none. */
  capture?: string;
  /** Identifier of the run. */
  session?: string;
  /** Fields that a filter attached: an object in JSON, in UTF-8. */
  extra?: Uint8Array | undefined;
}

/**
 * Returns the structured form of a flow.
 *
 * @param flow The flow.
 * @param context Parts that are not the flow's own.
 * @throws {StaleFlowError} If the memory holds another record by now.
 */
export function structuredFlow(flow: FlowFacts, context: FlowContext = {}): StructuredFlow {
  const { protocol, start, end } = flow;
  const { host, capture, session, extra } = context;
  return known({
    type: "flow",
    version: STRUCTURED_VERSION,
    time: timeText(flow.time),
    host: host || undefined,
    capture: capture || undefined,
    session,
    event: flow.event,
    protocol: protocolName(protocol) ?? protocol,
    state: flow.state,
    original: directionForm(flow.original),
    reply: flow.reply && directionForm(flow.reply),
    nat: flow.nat,
    start: start === undefined ? undefined : timeText(start),
    end: end === undefined ? undefined : timeText(end),
    duration: flow.duration,
    timeout: flow.timeout,
    status: flow.status,
    id: flow.id,
    mark: flow.mark,
    zone: flow.zone,
    labels: flow.labels,
    helper: flow.helper,
    securityContext: flow.securityContext,
    master: flow.master && directionForm(flow.master),
    extra: extra === undefined ? undefined : JSON.parse(new TextDecoder().decode(extra)),
  });
}

function directionForm(direction: DirectionFacts): StructuredDirection {
  const { source, sourcePort, destination, destinationPort } = direction;
  const { icmpType, icmpCode, icmpId, zone, packets, bytes } = direction;
  return known({
    ...{ source, sourcePort, destination, destinationPort },
    ...{ icmpType, icmpCode, icmpId, zone, packets, bytes },
  });
}

/** An object whose fields may be undefined instead of absent. */
type Loose<T> = { [Name in keyof T]: T[Name] | undefined };

/** Removes fields that are undefined. */
function known<T extends object>(fields: Loose<Required<T>>): T {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as unknown as T;
}
