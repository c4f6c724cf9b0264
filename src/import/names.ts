/** Names that differ between iptables and nft. */

/** Protocols whose name in nft differs, or that nft lacks (IANA, Protocol Numbers). */
const PROTOCOLS: Readonly<Record<string, string>> = {
  "ipv6-icmp": "icmpv6",
  "icmp6": "icmpv6",
  "1": "icmp",
  "6": "tcp",
  "17": "udp",
  "33": "dccp",
  "58": "icmpv6",
  "132": "sctp",
  "136": "udplite",
};

/** Returns a protocol's name for nft; undefined if it matches all. */
export function protocolName(name: string): string | undefined {
  const lower = name.toLowerCase();
  return lower === "all" || lower === "0" ? undefined : PROTOCOLS[lower] ?? lower;
}

/** Types and codes of ICMP (RFC 792, RFC 1812) by iptables' names. */
const ICMP_TYPES: Readonly<Record<string, string>> = {
  "echo-reply": "0",
  "pong": "0",
  "destination-unreachable": "3",
  "network-unreachable": "3/0",
  "host-unreachable": "3/1",
  "protocol-unreachable": "3/2",
  "port-unreachable": "3/3",
  "fragmentation-needed": "3/4",
  "source-route-failed": "3/5",
  "network-unknown": "3/6",
  "host-unknown": "3/7",
  "network-prohibited": "3/9",
  "host-prohibited": "3/10",
  "tos-network-unreachable": "3/11",
  "tos-host-unreachable": "3/12",
  "communication-prohibited": "3/13",
  "host-precedence-violation": "3/14",
  "precedence-cutoff": "3/15",
  "source-quench": "4",
  "redirect": "5",
  "network-redirect": "5/0",
  "host-redirect": "5/1",
  "tos-network-redirect": "5/2",
  "tos-host-redirect": "5/3",
  "echo-request": "8",
  "ping": "8",
  "router-advertisement": "9",
  "router-solicitation": "10",
  "time-exceeded": "11",
  "ttl-exceeded": "11",
  "ttl-zero-during-transit": "11/0",
  "ttl-zero-during-reassembly": "11/1",
  "parameter-problem": "12",
  "ip-header-bad": "12/0",
  "required-option-missing": "12/1",
  "timestamp-request": "13",
  "timestamp-reply": "14",
  "address-mask-request": "17",
  "address-mask-reply": "18",
};

/** Types and codes of ICMPv6 (RFC 4443, RFC 4861) by ip6tables' names. */
const ICMPV6_TYPES: Readonly<Record<string, string>> = {
  "destination-unreachable": "1",
  "no-route": "1/0",
  "communication-prohibited": "1/1",
  "beyond-scope": "1/2",
  "address-unreachable": "1/3",
  "port-unreachable": "1/4",
  "failed-policy": "1/5",
  "reject-route": "1/6",
  "packet-too-big": "2",
  "time-exceeded": "3",
  "ttl-exceeded": "3",
  "ttl-zero-during-transit": "3/0",
  "ttl-zero-during-reassembly": "3/1",
  "parameter-problem": "4",
  "bad-header": "4/0",
  "unknown-header-type": "4/1",
  "unknown-option": "4/2",
  "echo-request": "128",
  "ping": "128",
  "echo-reply": "129",
  "pong": "129",
  "router-solicitation": "133",
  "router-advertisement": "134",
  "neighbour-solicitation": "135",
  "neighbor-solicitation": "135",
  "neighbour-advertisement": "136",
  "neighbor-advertisement": "136",
  "redirect": "137",
};

/**
 * Parses an ICMP type with an optional code.
 *
 * @param name Text as in iptables: a name, `8`, or `3/1`.
 * @param protocol ICMP or ICMPv6.
 * @returns The numbers; undefined if the name is unknown.
 */
export function icmpType(
  name: string,
  protocol: "icmp" | "icmpv6",
): { type: string; code?: string } | undefined {
  const types = protocol === "icmp" ? ICMP_TYPES : ICMPV6_TYPES;
  const numbers = types[name.toLowerCase()] ?? name;
  const [, type, code] = /^(\d+)(?:\/(\d+))?$/.exec(numbers) ?? [];
  if (type === undefined) return undefined;
  return code === undefined ? { type } : { type, code };
}

/** Units of a rate (`--limit 5/min`) for nft, by their first letter. */
const UNITS: Readonly<Record<string, string>> = { s: "second", m: "minute", h: "hour", d: "day" };

/** Converts a rate for nft; returns undefined if it is invalid. */
export function rateOf(text: string): string | undefined {
  const [, count, unit] = /^(\d+)(?:\/([smhd])[a-z]*)?$/.exec(text) ?? [];
  return count === undefined ? undefined : `${count}/${UNITS[unit ?? "s"]}`;
}
