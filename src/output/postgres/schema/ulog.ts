/** The view `ulog`, which has the columns of ulogd 2's view, over our table. */

import { quoted, type Table } from "../table.ts";

/** IP protocol numbers. */
const ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58, SCTP = 132;
/** EtherTypes. */
const IPV4 = 2048, ARP = 2054, IPV6 = 34525;

/** Columns and their expressions; a lone type is for values that the table lacks. */
const COLUMNS: readonly (readonly [name: string, expression: string])[] = [
  ["_id", unknown("bigint")],
  // Infinity has no seconds.
  ["oob_time_sec", "CASE WHEN isfinite(time) THEN floor(extract(epoch FROM time)) END::bigint"],
  [
    "oob_time_usec",
    "CASE WHEN isfinite(time) THEN extract(microseconds FROM time)::integer % 1000000 END",
  ],
  ["oob_hook", "hook"],
  ["oob_prefix", "prefix"],
  ["oob_mark", "mark"],
  ["oob_in", "in_dev"],
  ["oob_out", "out_dev"],
  [
    "oob_family",
    `CASE WHEN ethertype = ${ARP} THEN 3 WHEN family(source_address) = 4 THEN 2 ` +
    `WHEN family(source_address) = 6 THEN 10 WHEN ethertype = ${IPV4} THEN 2 ` +
    `WHEN ethertype = ${IPV6} THEN 10 END::smallint`,
  ],
  ["oob_uid", "uid"],
  ["oob_gid", "gid"],
  ["ip_saddr_str", ofIp("source_address")],
  ["ip_daddr_str", ofIp("destination_address")],
  ["ip_protocol", "protocol"],
  ["ip_tos", ofFamily(4, "tos")],
  ["ip_ttl", ofFamily(4, "ttl")],
  ["ip_totlen", ofFamily(4, "length")],
  ["ip_ihl", unknown("smallint")],
  ["ip_csum", unknown("integer")],
  ["ip_id", unknown("integer")],
  ["ip_fragoff", unknown("smallint")],
  // The table's length includes the header of 40 bytes.
  ["ip6_payloadlen", ofFamily(6, "greatest(length - 40, 0)::bigint")],
  ["ip6_priority", ofFamily(6, "tos")],
  ["ip6_hoplimit", ofFamily(6, "ttl")],
  ["ip6_flowlabel", unknown("bigint")],
  ["ip6_fragoff", unknown("integer")],
  ["ip6_fragid", unknown("bigint")],
  ["tcp_sport", ofProtocol(TCP, "source_port")],
  ["tcp_dport", ofProtocol(TCP, "destination_port")],
  ["tcp_seq", unknown("bigint")],
  ["tcp_ackseq", unknown("bigint")],
  ["tcp_window", unknown("integer")],
  ["tcp_urg", flag(0x20)],
  ["tcp_urgp", unknown("integer")],
  ["tcp_ack", flag(0x10)],
  ["tcp_psh", flag(0x08)],
  ["tcp_rst", flag(0x04)],
  ["tcp_syn", flag(0x02)],
  ["tcp_fin", flag(0x01)],
  ["udp_sport", ofProtocol(UDP, "source_port")],
  ["udp_dport", ofProtocol(UDP, "destination_port")],
  ["udp_len", unknown("integer")],
  ["icmp_type", ofProtocol(ICMP, "icmp_type")],
  ["icmp_code", ofProtocol(ICMP, "icmp_code")],
  ["icmp_echoid", unknown("integer")],
  ["icmp_echoseq", unknown("integer")],
  ["icmp_gateway", unknown("integer")],
  ["icmp_fragmtu", unknown("integer")],
  ["icmpv6_type", ofProtocol(ICMPV6, "icmp_type")],
  ["icmpv6_code", ofProtocol(ICMPV6, "icmp_code")],
  ["icmpv6_echoid", unknown("integer")],
  ["icmpv6_echoseq", unknown("integer")],
  ["icmpv6_csum", unknown("integer")],
  ["raw_type", unknown("integer")],
  ["raw_mac", hardwareHeader()],
  ["mac_str", hardwareHeader()],
  ["mac_saddr_str", "hardware_source"],
  ["mac_daddr_str", "hardware_destination"],
  ["oob_protocol", "ethertype"],
  ["raw_label", unknown("smallint")],
  ["sctp_sport", ofProtocol(SCTP, "source_port")],
  ["sctp_dport", ofProtocol(SCTP, "destination_port")],
  ["sctp_csum", unknown("integer")],
  // Not one of ulogd's: a condition on it leads straight to the partitions of the requested days.
  ["time", "time"],
];

/** Returns the query of the view. */
export function ulogQuery(table: Table): string {
  const columns = COLUMNS.map(([name, expression]) =>
    name === expression ? `  ${name}` : `  ${expression} AS ${name}`
  );
  return `SELECT\n${columns.join(",\n")}\nFROM ${quoted(table)}`;
}

/** Returns a null of a type, so that queries that name the column still work. */
function unknown(type: string): string {
  return `NULL::${type}`;
}

/** Returns null for ARP, whose addresses ulogd has in other columns. */
function ofIp(expression: string): string {
  return `CASE WHEN ethertype IS DISTINCT FROM ${ARP} THEN ${expression} END`;
}

function ofFamily(version: 4 | 6, expression: string): string {
  return `CASE WHEN ttl IS NOT NULL AND family(source_address) = ${version} THEN ${expression} END`;
}

function ofProtocol(protocol: number, expression: string): string {
  return `CASE WHEN protocol = ${protocol} THEN ${expression} END`;
}

function flag(bit: number): string {
  return `(tcp_flags & ${bit}) <> 0`;
}

/** Returns the link header as the kernel's LOG target writes it: receiver, sender, EtherType. */
function hardwareHeader(): string {
  const type = "regexp_replace(lpad(to_hex(ethertype), 4, '0'), '(..)(..)', '\\1:\\2')";
  return `hardware_destination || ':' || hardware_source || ':' || ${type}`;
}
