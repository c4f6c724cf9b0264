/** Descriptions of the columns, for `COMMENT ON COLUMN` and the documentation. */

import type { COLUMNS } from "../columns.ts";

/** A column's name. */
export type Column = typeof COLUMNS[number][0];

/** Descriptions by column, with units. */
export const DESCRIPTIONS: Readonly<Record<Column, string>> = {
  time: "When the packet was seen: the kernel's stamp, or where there is none the time of receipt",
  host: "Host that logged the packet",
  capture: "Name of the source that took the packet, as in nflog:1",
  session: "Run of nfscribe that logged the packet",
  seq: "Number that the kernel gave the packet within its group, 0 to 4294967295",
  prefix: "The rule's prefix; bytes that are no UTF-8 are written as \\xe9",
  hook: "Netfilter hook: 0 prerouting, 1 input, 2 forward, 3 output, 4 postrouting",
  mark: "The packet's mark, 0 to 4294967295",
  in_dev: "Interface that the packet came in on; its number where the name is not known",
  out_dev: "Interface that the packet leaves through; its number where the name is not known",
  hardware_source: "Hardware address of the sender on the link",
  hardware_destination: "Hardware address of the receiver on the link",
  ethertype: "EtherType of the packet: 2048 IPv4, 34525 IPv6, 2054 ARP",
  source_address: "Sender: IPv4 or IPv6 address, of ARP the sender's protocol address",
  destination_address: "Receiver: IPv4 or IPv6 address, of ARP the target's protocol address",
  protocol:
    "IP protocol number, behind extension headers of IPv6: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6",
  source_port: "Port of the sender: TCP, UDP, UDP-Lite, SCTP, DCCP",
  destination_port: "Port of the receiver: TCP, UDP, UDP-Lite, SCTP, DCCP",
  tcp_flags: "TCP flags: 1 FIN, 2 SYN, 4 RST, 8 PSH, 16 ACK, 32 URG, 64 ECE, 128 CWR",
  icmp_type: "Type of an ICMP or ICMPv6 message",
  icmp_code: "Code of an ICMP or ICMPv6 message",
  length: "Length of the packet in bytes, of IP as its header tells it, however much was captured",
  ttl: "Time to live of IPv4, hop limit of IPv6",
  tos: "Type of service of IPv4, traffic class of IPv6",
  uid: "User who sent the packet, where it came from this host",
  gid: "Group of the user who sent the packet",
  extra: "What the filter put with the packet",
  payload: "The packet's bytes as far as they were captured; only with payload = true",
};
