/** Names of numbers in headers; those of IANA's registries where no RFC is named. */

import * as e from "../../packet/ether_types.ts";
import * as ip from "../../packet/protocols.ts";
import { hex, named, type Names } from "./values.ts";

/** Number of "IPv4 in IP" (RFC 2003). */
export const IPPROTO_IPIP = 4;
/** Number of "IPv6 in IP" (RFC 2473). */
export const IPPROTO_IPV6 = 41;
/** Nothing follows (RFC 8200 section 4.7). */
export const IPPROTO_NONE = 59;

const PROTOCOLS: Names = {
  ...Object.fromEntries(
    Array.from({ length: 256 }, (_, number) => [number, ip.protocolName(number)]),
  ),
  [ip.IPPROTO_HOPOPTS]: "hop-by-hop options",
  [IPPROTO_IPIP]: "IPv4",
  [IPPROTO_IPV6]: "IPv6",
  [ip.IPPROTO_ROUTING]: "routing header",
  [ip.IPPROTO_FRAGMENT]: "fragment header",
  [IPPROTO_NONE]: "no next header",
  [ip.IPPROTO_DSTOPTS]: "destination options",
  88: "EIGRP",
  89: "OSPF",
  103: "PIM",
  108: "IPComp",
  112: "VRRP",
  115: "L2TP",
  135: "mobility header",
};

/** Writes a protocol number with its name, as in `6 (TCP)`. */
export const protocol: (value: number) => string = named(PROTOCOLS);

const ETHER_TYPES: Names = {
  [e.ETH_P_IP]: "IPv4",
  [e.ETH_P_ARP]: "ARP",
  [e.ETH_P_RARP]: "RARP",
  [e.ETH_P_8021Q]: "VLAN tag",
  [e.ETH_P_8021AD]: "service VLAN tag",
  [e.ETH_P_IPV6]: "IPv6",
  [e.ETH_P_MPLS_UC]: "MPLS",
  [e.ETH_P_MPLS_MC]: "MPLS multicast",
  [e.ETH_P_PPP_DISC]: "PPPoE discovery",
  [e.ETH_P_PPP_SES]: "PPPoE session",
  0x880b: "PPP",
  0x88cc: "LLDP",
  0x6558: "Ethernet",
};

/** Writes an EtherType with its name, as in `0x0800 (IPv4)`. */
export const etherType: (value: number) => string = named(ETHER_TYPES, hex(4));

/** Names of differentiated services (RFC 2474, 2597, 3246, 5865, 8622). */
export const DSCP: Names = {
  1: "LE",
  8: "CS1",
  10: "AF11",
  12: "AF12",
  14: "AF13",
  16: "CS2",
  18: "AF21",
  20: "AF22",
  22: "AF23",
  24: "CS3",
  26: "AF31",
  28: "AF32",
  30: "AF33",
  32: "CS4",
  34: "AF41",
  36: "AF42",
  38: "AF43",
  40: "CS5",
  44: "voice admit",
  46: "EF",
  48: "CS6",
  56: "CS7",
};
/** Explicit congestion notification (RFC 3168). */
export const ECN: Names = { 1: "ECT(1)", 2: "ECT(0)", 3: "CE" };

/** Types of ICMP. */
export const ICMP_TYPES: Names = {
  0: "echo reply",
  3: "destination unreachable",
  4: "source quench",
  5: "redirect",
  8: "echo request",
  9: "router advertisement",
  10: "router solicitation",
  11: "time exceeded",
  12: "parameter problem",
  13: "timestamp request",
  14: "timestamp reply",
  17: "address mask request",
  18: "address mask reply",
  40: "Photuris",
  42: "extended echo request",
  43: "extended echo reply",
};
/** Codes of ICMP by type. */
export const ICMP_CODES: Readonly<Record<number, Names>> = {
  3: {
    0: "network unreachable",
    1: "host unreachable",
    2: "protocol unreachable",
    3: "port unreachable",
    4: "fragmentation needed",
    5: "source route failed",
    6: "network unknown",
    7: "host unknown",
    8: "source host isolated",
    9: "network prohibited",
    10: "host prohibited",
    11: "network unreachable for this service",
    12: "host unreachable for this service",
    13: "administratively prohibited",
    14: "host precedence violation",
    15: "precedence cutoff",
  },
  5: {
    0: "for the network",
    1: "for the host",
    2: "for the service and network",
    3: "for the service and host",
  },
  11: { 0: "in transit", 1: "while reassembling fragments" },
  12: { 0: "pointer tells the place", 1: "an option is missing", 2: "bad length" },
};

/** Types of ICMPv6. */
export const ICMPV6_TYPES: Names = {
  1: "destination unreachable",
  2: "packet too big",
  3: "time exceeded",
  4: "parameter problem",
  128: "echo request",
  129: "echo reply",
  130: "multicast listener query",
  131: "multicast listener report",
  132: "multicast listener done",
  133: "router solicitation",
  134: "router advertisement",
  135: "neighbour solicitation",
  136: "neighbour advertisement",
  137: "redirect",
  143: "multicast listener report, version 2",
  160: "extended echo request",
  161: "extended echo reply",
};
/** Codes of ICMPv6 by type. */
export const ICMPV6_CODES: Readonly<Record<number, Names>> = {
  1: {
    0: "no route",
    1: "administratively prohibited",
    2: "beyond scope of source",
    3: "address unreachable",
    4: "port unreachable",
    5: "source address failed policy",
    6: "route rejected",
    7: "error in source routing header",
  },
  3: { 0: "in transit", 1: "while reassembling fragments" },
  4: {
    0: "erroneous header field",
    1: "unrecognised next header",
    2: "unrecognised option",
    3: "incomplete header chain in the first fragment",
  },
};
