/** Protocols by the names that expressions have for them. */

import * as e from "../../packet/ether_types.ts";
import * as ip from "../../packet/protocols.ts";
import type { Ipv4Layer, NetworkName } from "./syntax.ts";

/** Network headers by their EtherTypes. */
export const NETWORKS: ReadonlyMap<number, NetworkName> = new Map([
  [e.ETH_P_IP, "ip"],
  [e.ETH_P_IPV6, "ip6"],
  [e.ETH_P_ARP, "arp"],
  [e.ETH_P_RARP, "rarp"],
]);

/** Returns whether a word is the name of a network header. */
export function isNetwork(word: string): word is NetworkName {
  return [...NETWORKS.values()].includes(word as NetworkName);
}

/** Words of a protocol with an EtherType of its own. */
export const ETHER_TYPES: Readonly<Record<string, number>> = {
  ip: e.ETH_P_IP,
  ip6: e.ETH_P_IPV6,
  arp: e.ETH_P_ARP,
  rarp: e.ETH_P_RARP,
  atalk: 0x809b,
  aarp: 0x80f3,
  decnet: 0x6003,
  sca: 0x6007,
  lat: 0x6004,
  moprc: 0x6002,
  mopdl: 0x6001,
};

/** Words of a protocol with an address in LLC headers (IEEE 802.2). */
export const LLC_ADDRESSES: Readonly<Record<string, number>> = {
  iso: 0xfe,
  stp: 0x42,
  ipx: 0xe0,
  netbeui: 0xf0,
};

/** Further names that `ether proto` takes. */
export const FURTHER_ETHER_TYPES: Readonly<Record<string, number>> = {
  loopback: 0x9000,
  vlan: e.ETH_P_8021Q,
  mpls: e.ETH_P_MPLS_UC,
  pppoed: e.ETH_P_PPP_DISC,
  pppoes: e.ETH_P_PPP_SES,
};

/** Words of protocols above IP, with the versions of IP that they stand for. */
export const IP_PROTOCOLS: Readonly<
  Record<string, { readonly protocol: number; readonly network?: "ip" | "ip6" }>
> = {
  tcp: { protocol: ip.IPPROTO_TCP },
  udp: { protocol: ip.IPPROTO_UDP },
  sctp: { protocol: ip.IPPROTO_SCTP },
  ah: { protocol: ip.IPPROTO_AH },
  esp: { protocol: ip.IPPROTO_ESP },
  pim: { protocol: 103 },
  icmp: { protocol: ip.IPPROTO_ICMP, network: "ip" },
  igmp: { protocol: ip.IPPROTO_IGMP, network: "ip" },
  igrp: { protocol: 9, network: "ip" },
  vrrp: { protocol: 112, network: "ip" },
  carp: { protocol: 112, network: "ip" },
  icmp6: { protocol: ip.IPPROTO_ICMPV6, network: "ip6" },
};

/** Protocol numbers of headers that are read above IPv4 only. */
export const IPV4_LAYERS: Readonly<Record<Ipv4Layer, number>> = {
  tcp: ip.IPPROTO_TCP,
  udp: ip.IPPROTO_UDP,
  sctp: ip.IPPROTO_SCTP,
  icmp: ip.IPPROTO_ICMP,
  igmp: ip.IPPROTO_IGMP,
  igrp: 9,
  pim: 103,
  vrrp: 112,
  carp: 112,
};

/** Protocols with ports. */
export const WITH_PORTS: Readonly<Record<string, number>> = {
  tcp: ip.IPPROTO_TCP,
  udp: ip.IPPROTO_UDP,
  sctp: ip.IPPROTO_SCTP,
};

/** Names that `proto` takes: IANA protocol numbers as /etc/protocols spells them. */
export const PROTOCOL_NAMES: Readonly<Record<string, number>> = {
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  igrp: 9,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  "ipv6-route": 43,
  "ipv6-frag": 44,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  icmp6: 58,
  "ipv6-icmp": 58,
  "ipv6-nonxt": 59,
  "ipv6-opts": 60,
  eigrp: 88,
  ospf: 89,
  ipip: 94,
  etherip: 97,
  encap: 98,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  carp: 112,
  l2tp: 115,
  isis: 124,
  sctp: 132,
  "mobility-header": 135,
  udplite: 136,
  "mpls-in-ip": 137,
  manet: 138,
  hip: 139,
  shim6: 140,
};

/** ISO protocols (ISO 9577), and the PDU types of IS-IS. */
export const ISO_PROTOCOLS: Readonly<Record<string, number>> = {
  clnp: 0x81,
  esis: 0x82,
  "es-is": 0x82,
  isis: 0x83,
  "is-is": 0x83,
};
/** IS-IS hello, link state and sequence number PDUs of levels 1 and 2 (ISO 10589 section 9). */
export const ISIS_TYPES: Readonly<Record<string, readonly number[]>> = {
  l1: [15, 17, 18, 24, 26],
  l2: [16, 17, 20, 25, 27],
  iih: [15, 16, 17],
  lsp: [18, 20],
  snp: [24, 25, 26, 27],
  csnp: [24, 25],
  psnp: [26, 27],
};

/** Kinds of LLC frames by the bits of their control field (IEEE 802.2 section 5.4). */
export const LLC_TYPES: Readonly<Record<string, readonly [mask: number, control: number]>> = {
  i: [0x01, 0x00],
  s: [0x03, 0x01],
  u: [0x03, 0x03],
  rr: [0x0f, 0x01],
  rnr: [0x0f, 0x05],
  rej: [0x0f, 0x09],
  ui: [0xef, 0x03],
  ua: [0xef, 0x63],
  disc: [0xef, 0x43],
  sabme: [0xef, 0x6f],
  test: [0xef, 0xe3],
  xid: [0xef, 0xaf],
  frmr: [0xef, 0x87],
};
