/** Words of the language. */

import { ACTIONS } from "../../packet/actions.ts";
import { STATE_NAMES, STATUS_NAMES } from "../../flow/names.ts";
import { FLOW_EVENTS } from "../../flow/raw_flow.ts";
import { HOOK_NAMES } from "../../packet/hook_name.ts";
import {
  ETHER_TYPES,
  IP_PROTOCOLS,
  ISIS_TYPES,
  ISO_PROTOCOLS,
  LLC_ADDRESSES,
} from "./protocols.ts";
import type { ChoiceField, NatName, NumberField, RecordName, TextField } from "./syntax.ts";

/** Words for the link header, whatever the link is. */
export const LINK_WORDS: ReadonlySet<string> = new Set([
  "ether",
  "link",
  "fddi",
  "tr",
  "wlan",
  "ppp",
  "slip",
]);
/** Words of protocols, which qualify or stand alone. */
export const PROTOCOL_WORDS: ReadonlySet<string> = new Set([
  ...LINK_WORDS,
  ...Object.keys(ETHER_TYPES),
  ...Object.keys(LLC_ADDRESSES),
  ...Object.keys(IP_PROTOCOLS),
  ...Object.keys(ISO_PROTOCOLS),
  ...Object.keys(ISIS_TYPES),
]);

/** Words with a text: names, or patterns of names. */
export const TEXT_WORDS: Readonly<Record<string, TextField>> = {
  prefix: "prefix",
  capture: "capture",
  sender: "sender",
  in: "in",
  out: "out",
  physin: "physin",
  physout: "physout",
  helper: "helper",
};
/** Words with a number. */
export const NUMBER_WORDS: Readonly<Record<string, NumberField>> = {
  uid: "uid",
  gid: "gid",
  group: "group",
  ifindex: "ifindex",
  packets: "packets",
  bytes: "bytes",
  duration: "duration",
  zone: "zone",
};
/** Status of a flow that has not had an answer, as conntrack(8) calls it. */
export const UNREPLIED = "unreplied";
/** Words with one of a few names. */
export const CHOICES: Readonly<Record<ChoiceField, readonly string[]>> = {
  hook: HOOK_NAMES,
  family: ["ip", "ip6", "arp", "bridge", "netdev"],
  action: ACTIONS,
  event: FLOW_EVENTS,
  state: STATE_NAMES.map((name) => name.toLowerCase()),
  status: [...STATUS_NAMES.map((name) => name.toLowerCase()), UNREPLIED],
};
/** Words for translated flows. */
export const NAT_WORDS: readonly NatName[] = ["nat", "snat", "dnat"];
/** Words for the kinds of record. */
export const RECORD_WORDS: readonly RecordName[] = ["packet", "flow"];

/** Words for header fields and their values, which stand for numbers. */
export const NUMBER_NAMES: ReadonlyMap<string, number> = new Map(Object.entries({
  icmptype: 0,
  icmpcode: 1,
  icmp6type: 0,
  icmp6code: 1,
  tcpflags: 13,
  "tcp-fin": 0x01,
  "tcp-syn": 0x02,
  "tcp-rst": 0x04,
  "tcp-push": 0x08,
  "tcp-ack": 0x10,
  "tcp-urg": 0x20,
  "tcp-ece": 0x40,
  "tcp-cwr": 0x80,
  "icmp-echoreply": 0,
  "icmp-unreach": 3,
  "icmp-sourcequench": 4,
  "icmp-redirect": 5,
  "icmp-echo": 8,
  "icmp-routeradvert": 9,
  "icmp-routersolicit": 10,
  "icmp-timxceed": 11,
  "icmp-paramprob": 12,
  "icmp-tstamp": 13,
  "icmp-tstampreply": 14,
  "icmp-ireq": 15,
  "icmp-ireqreply": 16,
  "icmp-maskreq": 17,
  "icmp-maskreply": 18,
  "icmp6-destinationunreach": 1,
  "icmp6-packettoobig": 2,
  "icmp6-timeexceeded": 3,
  "icmp6-parameterproblem": 4,
  "icmp6-echo": 128,
  "icmp6-echoreply": 129,
  "icmp6-multicastlistenerquery": 130,
  "icmp6-multicastlistenerreportv1": 131,
  "icmp6-multicastlistenerdone": 132,
  "icmp6-routersolicit": 133,
  "icmp6-routeradvert": 134,
  "icmp6-neighborsolicit": 135,
  "icmp6-neighboradvert": 136,
  "icmp6-redirect": 137,
  "icmp6-routerrenum": 138,
  "icmp6-nodeinformationquery": 139,
  "icmp6-nodeinformationresponse": 140,
  "icmp6-ineighbordiscoverysolicit": 141,
  "icmp6-ineighbordiscoveryadvert": 142,
  "icmp6-multicastlistenerreportv2": 143,
  "icmp6-homeagentdiscoveryrequest": 144,
  "icmp6-homeagentdiscoveryreply": 145,
  "icmp6-mobileprefixsolicit": 146,
  "icmp6-mobileprefixadvert": 147,
  "icmp6-certpathsolicit": 148,
  "icmp6-certpathadvert": 149,
  "icmp6-multicastrouteradvert": 151,
  "icmp6-multicastroutersolicit": 152,
  "icmp6-multicastrouterterm": 153,
}));

const WIRELESS = "is about the headers of wireless networks, which no rule of a firewall logs";
const PF = "is a word of the firewall pf";
const ATM = "is about ATM, which no rule of a firewall logs";
const SS7 = "is about SS7, which no rule of a firewall logs";
const TUNNEL = "looks into a tunnel, which is not supported; choose its packets by";

/** Words of pcap-filter(7) that have no meaning here, and the reason. */
export const REFUSED_WORDS: ReadonlyMap<string, string> = new Map([
  ...["type", "subtype", "dir", "direction", "ra", "ta", "radio"].map((word) => [word, WIRELESS]),
  ...[1, 2, 3, 4].flatMap((n) => [[`addr${n}`, WIRELESS], [`address${n}`, WIRELESS]]),
  ...["on", "ifname"].map((word) => [word, `${PF}; write "in" or "out" and an interface`]),
  ...["rnr", "rulenum", "srnr", "subrulenum", "rset", "ruleset"]
    .map((word) => [word, `${PF}; write "prefix" and the rule's prefix`]),
  ["reason", PF],
  ...["lane", "metac", "bcc", "oam", "oamf4", "oamf4ec", "oamf4sc", "sc", "ilmic", "vpi", "vci"]
    .map((word) => [word, ATM]),
  ...["connectmsg", "metaconnect"].map((word) => [word, ATM]),
  ...["fisu", "lssu", "lsu", "msu", "hfisu", "hlssu", "hmsu", "sio", "opc", "dpc", "sls"]
    .map((word) => [word, SS7]),
  ...["hsio", "hopc", "hdpc", "hsls"].map((word) => [word, SS7]),
  ["geneve", `${TUNNEL} "udp port 6081"`],
  ["vxlan", `${TUNNEL} "udp port 4789"`],
  [
    "gateway",
    'needs names of hosts, which are never looked up; write "ether host MAC and not host ADDRESS"',
  ],
] as [string, string][]);

/** Words that begin a primitive, or combine primitives. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...PROTOCOL_WORDS,
  ...Object.keys(TEXT_WORDS),
  ...Object.keys(NUMBER_WORDS),
  ...Object.keys(CHOICES),
  ...NUMBER_NAMES.keys(),
  ...REFUSED_WORDS.keys(),
  ...["and", "or", "not", "src", "dst", "host", "net", "mask", "port", "portrange", "proto"],
  ...["protochain", "broadcast", "multicast", "less", "greater", "byte", "len", "length"],
  ...["inbound", "outbound", "vlan", "mpls", "pppoed", "pppoes", "llc", "mark"],
  ...["original", "reply", "label"],
  ...NAT_WORDS,
  ...RECORD_WORDS,
]);

/** Words for suggestions and for completion: those that choose packets. */
export const USEFUL_WORDS: readonly string[] = [
  ...KEYWORDS.difference(REFUSED_WORDS),
].sort();
