/** Fields of a line that options choose. */

/** Fields of the structured form above the headers, in their order. */
export const TOP_FIELDS = [
  ...["type", "version", "time", "host", "capture", "session", "seq", "prefix", "action"] as const,
  ...["hook", "in", "out", "physIn", "physOut", "mark", "uid", "gid", "source"] as const,
  ...["sourcePort", "destination", "destinationPort", "protocol", "length", "captured"] as const,
  ...["defect", "etherType"] as const,
];

/** The headers and what follows them. */
export const HEADER_FIELDS = [
  ...["ethernet", "vlan", "vlans", "arp", "ip", "tcp", "udp", "udplite", "icmp", "icmpv6"] as const,
  ...["sctp", "dccp", "ah", "esp", "gre", "igmp", "extra", "payload"] as const,
];

/** Fields of a flow's structured form, in their order. */
export const FLOW_FIELDS = [
  ...["type", "version", "time", "host", "capture", "session", "event", "protocol"] as const,
  ...["state", "original", "reply", "nat", "start", "end", "duration", "timeout"] as const,
  ...["status", "id", "mark", "zone", "labels", "helper", "securityContext", "master"] as const,
  ...["extra"] as const,
];

/** Fields of a counter's structured form, in their order. */
export const COUNTER_FIELDS = [
  ...["type", "version", "time", "host", "capture", "session", "seq", "object"] as const,
  ...["family", "table", "name", "packets", "bytes", "interval", "totalPackets"] as const,
  ...["totalBytes", "restarted", "quota", "extra"] as const,
];

/** Fields of the Elastic Common Schema at the top, in the order of a line. */
export const ECS_FIELDS = [
  ...["@timestamp", "ecs", "event", "host", "observer", "source", "destination"] as const,
  ...["network", "rule", "user", "nfscribe"] as const,
];

/** Attributes of OCSF at the top, in the order of a line. */
export const OCSF_FIELDS = [
  ...["time", "class_uid", "category_uid", "activity_id", "type_uid", "severity_id"] as const,
  ...["metadata", "device", "src_endpoint", "dst_endpoint", "connection_info", "traffic"] as const,
  ...["firewall_rule", "action_id", "disposition_id", "unmapped"] as const,
];

/** A bit for each of some names. */
export type Bits<Name extends string> = { readonly [N in Name]: number };

/** Returns a bit for each of some names, at most 31. */
export function bitsOf<Name extends string>(names: readonly Name[]): Bits<Name> {
  return Object.fromEntries(names.map((name, index) => [name, 1 << index])) as Bits<Name>;
}

/** Bits of {@linkcode TOP_FIELDS}. */
export const TOP: Bits<typeof TOP_FIELDS[number]> = bitsOf(TOP_FIELDS);
/** Bits of {@linkcode FLOW_FIELDS}. */
export const FLOW: Bits<typeof FLOW_FIELDS[number]> = bitsOf(FLOW_FIELDS);
/** Bits of {@linkcode HEADER_FIELDS}. */
export const HEADER: Bits<typeof HEADER_FIELDS[number]> = bitsOf(HEADER_FIELDS);

/**
 * Returns the bits of the names that are chosen.
 *
 * @param bits Bits by name.
 * @param chosen Names, also of others; all are chosen if it is undefined.
 */
export function chosenBits(
  bits: Readonly<Record<string, number>>,
  chosen: readonly string[] | undefined,
): number {
  const names = chosen ?? Object.keys(bits);
  return names.reduce((all, name) => all | (bits[name] ?? 0), 0);
}
