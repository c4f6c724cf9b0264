/** IANA protocol numbers, spelled as in linux/in.h and linux/in6.h. */

/** IPv6 hop-by-hop options (RFC 8200 section 4.3). */
export const IPPROTO_HOPOPTS = 0;
/** ICMP (RFC 792). */
export const IPPROTO_ICMP = 1;
/** IGMP (RFC 3376). */
export const IPPROTO_IGMP = 2;
/** TCP (RFC 9293). */
export const IPPROTO_TCP = 6;
/** UDP (RFC 768). */
export const IPPROTO_UDP = 17;
/** DCCP (RFC 4340). */
export const IPPROTO_DCCP = 33;
/** IPv6 routing header (RFC 8200 section 4.4). */
export const IPPROTO_ROUTING = 43;
/** IPv6 fragment header (RFC 8200 section 4.5). */
export const IPPROTO_FRAGMENT = 44;
/** GRE (RFC 2784). */
export const IPPROTO_GRE = 47;
/** ESP (RFC 4303). */
export const IPPROTO_ESP = 50;
/** Authentication header (RFC 4302). */
export const IPPROTO_AH = 51;
/** ICMPv6 (RFC 4443). */
export const IPPROTO_ICMPV6 = 58;
/** IPv6 destination options (RFC 8200 section 4.6). */
export const IPPROTO_DSTOPTS = 60;
/** SCTP (RFC 9260). */
export const IPPROTO_SCTP = 132;
/** UDP-Lite (RFC 3828). */
export const IPPROTO_UDPLITE = 136;

/** Names of the protocols whose headers are decoded. */
const NAMES: Readonly<Record<number, string>> = {
  [IPPROTO_ICMP]: "ICMP",
  [IPPROTO_IGMP]: "IGMP",
  [IPPROTO_TCP]: "TCP",
  [IPPROTO_UDP]: "UDP",
  [IPPROTO_DCCP]: "DCCP",
  [IPPROTO_GRE]: "GRE",
  [IPPROTO_ESP]: "ESP",
  [IPPROTO_AH]: "AH",
  [IPPROTO_ICMPV6]: "ICMPv6",
  [IPPROTO_SCTP]: "SCTP",
  [IPPROTO_UDPLITE]: "UDP-Lite",
};

/** Returns the name of a protocol; undefined if its header is not decoded. */
export function protocolName(protocol: number): string | undefined {
  return NAMES[protocol];
}
