/** Protocol numbers that both dialects use: those of the decoder, and some that only lines need. */

export {
  IPPROTO_AH,
  IPPROTO_DSTOPTS,
  IPPROTO_ESP,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_ROUTING,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
} from "../../packet/protocols.ts";
export { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, ETH_P_RARP } from "../../packet/ether_types.ts";
export { NFPROTO_ARP, NFPROTO_IPV4, NFPROTO_IPV6 } from "../../packet/network.ts";
export { ICMP_HEADER } from "../../packet/icmp_message.ts";
export { IPV4_HEADER, IPV6_HEADER } from "../../packet/ip_sizes.ts";
export { SCTP_HEADER } from "../../packet/sctp.ts";
export { TCP_HEADER } from "../../packet/tcp.ts";
export { UDP_HEADER } from "../../packet/udp.ts";

/** `NFPROTO_BRIDGE` (linux/netfilter.h) */
export const NFPROTO_BRIDGE = 7;

/** Flags of the TCP header's 14th byte (RFC 9293). */
export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_URG = 0x20;
export const TCP_ECE = 0x40;
export const TCP_CWR = 0x80;

/** Types of ICMP messages (linux/icmp.h). */
export const ICMP_ECHOREPLY = 0;
export const ICMP_DEST_UNREACH = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETERPROB = 12;
/** Code of a destination unreachable message: fragmentation needed. */
export const ICMP_FRAG_NEEDED = 4;

/** Types of ICMPv6 messages (linux/icmpv6.h). */
export const ICMPV6_DEST_UNREACH = 1;
export const ICMPV6_PKT_TOOBIG = 2;
export const ICMPV6_TIME_EXCEED = 3;
export const ICMPV6_PARAMPROB = 4;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;
