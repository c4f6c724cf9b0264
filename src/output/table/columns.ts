/** Types of columns, and the columns of the table `packets` in the order of a row. */

/** Types of columns; each database has its own for them, and `row.ts` their bytes. */
export type ColumnType =
  /** A point in time, to the microsecond. */
  | "time"
  /** UTF-8. */
  | "text"
  /** A UUID (RFC 9562). */
  | "uuid"
  /** 0 to 255. */
  | "uint8"
  /** 0 to 65535. */
  | "uint16"
  /** 0 to 4294967295. */
  | "uint32"
  /** A length in bytes, below 2^31. */
  | "length"
  /** A count, 0 to 2^53 - 1. */
  | "count"
  /** A duration in seconds: a floating-point number of 64 bits. */
  | "seconds"
  /** A hardware address of 6 bytes. */
  | "mac"
  /** An IPv4 or IPv6 address. */
  | "address"
  /** JSON (RFC 8259). */
  | "json"
  | "bytes";

/** A column. */
export type Column = readonly [name: string, type: ColumnType, description: string];

/** Columns of packets: name, type, description with units. */
export const COLUMNS = [
  [
    "time",
    "time",
    "When the packet was seen: the kernel's stamp, or where there is none the time of receipt",
  ],
  ["host", "text", "Host that logged the packet"],
  ["capture", "text", "Name of the source that took the packet, as in nflog:1"],
  ["session", "uuid", "Run of nfscribe that logged the packet"],
  ["seq", "uint32", "Number that the kernel gave the packet within its group, 0 to 4294967295"],
  ["prefix", "text", "The rule's prefix; bytes that are no UTF-8 are written as \\xe9"],
  ["hook", "uint8", "Netfilter hook: 0 prerouting, 1 input, 2 forward, 3 output, 4 postrouting"],
  ["mark", "uint32", "The packet's mark, 0 to 4294967295"],
  [
    "in_dev",
    "text",
    "Interface that the packet came in on; its number where the name is not known",
  ],
  [
    "out_dev",
    "text",
    "Interface that the packet leaves through; its number where the name is not known",
  ],
  ["hardware_source", "mac", "Hardware address of the sender on the link"],
  ["hardware_destination", "mac", "Hardware address of the receiver on the link"],
  ["ethertype", "uint16", "EtherType of the packet: 2048 IPv4, 34525 IPv6, 2054 ARP"],
  [
    "source_address",
    "address",
    "Sender: IPv4 or IPv6 address, of ARP the sender's protocol address",
  ],
  [
    "destination_address",
    "address",
    "Receiver: IPv4 or IPv6 address, of ARP the target's protocol address",
  ],
  [
    "protocol",
    "uint8",
    "IP protocol number, behind extension headers of IPv6: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6",
  ],
  ["source_port", "uint16", "Port of the sender: TCP, UDP, UDP-Lite, SCTP, DCCP"],
  ["destination_port", "uint16", "Port of the receiver: TCP, UDP, UDP-Lite, SCTP, DCCP"],
  ["tcp_flags", "uint8", "TCP flags: 1 FIN, 2 SYN, 4 RST, 8 PSH, 16 ACK, 32 URG, 64 ECE, 128 CWR"],
  ["icmp_type", "uint8", "Type of an ICMP or ICMPv6 message"],
  ["icmp_code", "uint8", "Code of an ICMP or ICMPv6 message"],
  [
    "length",
    "length",
    "Length of the packet in bytes, of IP as its header tells it, however much was captured",
  ],
  ["ttl", "uint8", "Time to live of IPv4, hop limit of IPv6"],
  ["tos", "uint8", "Type of service of IPv4, traffic class of IPv6"],
  ["uid", "uint32", "User who sent the packet, where it came from this host"],
  ["gid", "uint32", "Group of the user who sent the packet"],
  ["extra", "json", "What the filter put with the packet"],
  [
    "payload",
    "bytes",
    "The packet's bytes as far as they were captured; only with payload = true",
  ],
] as const satisfies readonly Column[];
