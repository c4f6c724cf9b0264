/** Names of the pairs that a record may have: those at the top of the structured form. */

import { TOP_FIELDS } from "../json/fields.ts";

/**
 * The names, in the order of a record. Formats with pairs name this host themselves: `host` is that of
 * a record of another one.
 */
export const PAIR_NAMES = [
  ...TOP_FIELDS.filter((name) => name !== "version"),
  "extra" as const,
];

/** Name of a pair. */
export type PairName = typeof PAIR_NAMES[number];

/** Names of the pairs of a flow, in their order: sides of the structured form are before a name. */
export const FLOW_PAIR_NAMES = [
  ...["type", "time", "host", "capture", "session", "event", "protocol", "state"] as const,
  ...["source", "sourcePort", "destination", "destinationPort", "icmpType"] as const,
  ...["icmpCode", "icmpId"] as const,
  ...["packets", "bytes", "replySource", "replySourcePort", "replyDestination"] as const,
  ...["replyDestinationPort", "replyPackets", "replyBytes", "natSource", "natSourcePort"] as const,
  ...["natDestination", "natDestinationPort", "start", "end", "duration", "timeout"] as const,
  ...["status", "id", "mark", "zone", "labels", "helper", "securityContext"] as const,
  ...["masterSource", "masterSourcePort", "masterDestination"] as const,
  ...["masterDestinationPort", "extra"] as const,
];

/** Name of a pair of a flow. */
export type FlowPairName = typeof FLOW_PAIR_NAMES[number];
