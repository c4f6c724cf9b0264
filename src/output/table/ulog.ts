/** Views with ulogd's names: `ulog` as ulogd 2 has it, and the flat table of ulogd 1. */

import type { Dialect } from "./dialect.ts";

/** IP protocol numbers. */
const ICMP = 1, TCP = 6, UDP = 17, ICMPV6 = 58, SCTP = 132;
/** EtherTypes. */
const IPV4 = 2048, ARP = 2054, IPV6 = 34525;

/** A column and its expression. */
type Column = readonly [name: string, expression: string];

/** Columns of ulogd 1's table that ulogd 2 has, too; `ip_saddr` and `ip_daddr` are other there. */
const ULOG_1: readonly string[] = [
  ...["raw_mac", "oob_time_sec", "oob_time_usec", "oob_prefix", "oob_mark", "oob_in", "oob_out"],
  ...["ip_saddr", "ip_daddr", "ip_protocol", "ip_tos", "ip_ttl", "ip_totlen", "ip_ihl", "ip_csum"],
  ...["ip_id", "ip_fragoff", "tcp_sport", "tcp_dport", "tcp_seq", "tcp_ackseq", "tcp_urg"],
  ...["tcp_ack", "tcp_psh", "tcp_rst", "tcp_syn", "tcp_fin", "tcp_window", "tcp_urgp"],
  ...["udp_sport", "udp_dport", "udp_len", "icmp_type", "icmp_code", "icmp_echoid"],
  ...["icmp_echoseq", "icmp_gateway", "icmp_fragmtu"],
];

/** Returns the query of the view that has ulogd 2's columns. */
export function ulogQuery(table: string, dialect: Dialect): string {
  return query(dialect.ulogSource(table), [
    ...ulogColumns(dialect),
    ...dialect.ulogColumns,
    // Not one of ulogd's: a condition on it leads straight to the requested days.
    ["time", "time"],
  ]);
}

function ulogColumns(dialect: Dialect): Column[] {
  const { cast, seconds, micros, isVersion } = dialect;
  const unknown = (type: string) => cast("NULL", type);
  const ofIp = (expression: string) =>
    `CASE WHEN ${dialect.differs("ethertype", String(ARP))} THEN ${expression} END`;
  const ofFamily = (version: 4 | 6, expression: string) =>
    `CASE WHEN ttl IS NOT NULL AND ${isVersion("source_address", version)} THEN ${expression} END`;
  const family = `CASE WHEN ethertype = ${ARP} THEN 3 ` +
    `WHEN ${isVersion("source_address", 4)} THEN 2 ` +
    `WHEN ${isVersion("source_address", 6)} THEN 10 WHEN ethertype = ${IPV4} THEN 2 ` +
    `WHEN ethertype = ${IPV6} THEN 10 END`;
  return [
    ["_id", unknown("bigint")],
    ["oob_time_sec", seconds("time")],
    ["oob_time_usec", micros("time")],
    ["oob_hook", "hook"],
    ["oob_prefix", "prefix"],
    ["oob_mark", "mark"],
    ["oob_in", "in_dev"],
    ["oob_out", "out_dev"],
    ["oob_family", cast(family, "smallint")],
    ["oob_uid", "uid"],
    ["oob_gid", "gid"],
    ["ip_saddr_str", ofIp(dialect.address("source_address"))],
    ["ip_daddr_str", ofIp(dialect.address("destination_address"))],
    ["ip_protocol", "protocol"],
    ["ip_tos", ofFamily(4, "tos")],
    ["ip_ttl", ofFamily(4, "ttl")],
    ["ip_totlen", ofFamily(4, "length")],
    ["ip_ihl", unknown("smallint")],
    ["ip_csum", unknown("integer")],
    ["ip_id", unknown("integer")],
    ["ip_fragoff", unknown("smallint")],
    // The table's length includes the header of 40 bytes.
    ["ip6_payloadlen", ofFamily(6, cast(dialect.less("length", 40), "bigint"))],
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
    ["tcp_urg", dialect.isSet("tcp_flags", 0x20)],
    ["tcp_urgp", unknown("integer")],
    ["tcp_ack", dialect.isSet("tcp_flags", 0x10)],
    ["tcp_psh", dialect.isSet("tcp_flags", 0x08)],
    ["tcp_rst", dialect.isSet("tcp_flags", 0x04)],
    ["tcp_syn", dialect.isSet("tcp_flags", 0x02)],
    ["tcp_fin", dialect.isSet("tcp_flags", 0x01)],
    ["udp_sport", ofProtocol(UDP, "source_port")],
    ["udp_dport", ofProtocol(UDP, "destination_port")],
    ["udp_len", unknown("integer")],
    ["icmp_type", ofProtocol(ICMP, "icmp_type")],
    ["icmp_code", ofProtocol(ICMP, "icmp_code")],
    ["icmp_echoid", unknown("integer")],
    ["icmp_echoseq", unknown("integer")],
    ["icmp_gateway", unknown("integer")],
    ["icmp_fragmtu", unknown("integer")],
    ["icmpv6_type", ofProtocol(ICMPV6, dialect.icmpColumn("icmp_type"))],
    ["icmpv6_code", ofProtocol(ICMPV6, dialect.icmpColumn("icmp_code"))],
    ["icmpv6_echoid", unknown("integer")],
    ["icmpv6_echoseq", unknown("integer")],
    ["icmpv6_csum", unknown("integer")],
    ["raw_type", unknown("integer")],
    ["raw_mac", dialect.linkHeader],
    ["mac_str", dialect.linkHeader],
    ["mac_saddr_str", dialect.mac("hardware_source")],
    ["mac_daddr_str", dialect.mac("hardware_destination")],
    ["oob_protocol", "ethertype"],
    ["raw_label", unknown("smallint")],
    ["sctp_sport", ofProtocol(SCTP, "source_port")],
    ["sctp_dport", ofProtocol(SCTP, "destination_port")],
    ["sctp_csum", unknown("integer")],
  ];
}

/** Returns the query of the view that has the columns of ulogd 1's table: IPv4 packets. */
export function ulog1Query(table: string, dialect: Dialect): string {
  const { cast, addressNumber } = dialect;
  const known = new Map(ulogColumns(dialect))
    .set("ip_saddr", addressNumber("source_address"))
    .set("ip_daddr", addressNumber("destination_address"));
  const columns: Column[] = [
    ["id", cast("NULL", "bigint")],
    ...ULOG_1.map((name): Column => [name, known.get(name)!]),
    ["pwsniff_user", cast("NULL", "text")],
    ["pwsniff_pass", cast("NULL", "text")],
    ["ahesp_spi", cast("NULL", "bigint")],
    ["time", "time"],
  ];
  const isIp = `ethertype = ${IPV4} OR ethertype IS NULL`;
  const isIpv4 = dialect.isVersion("source_address", 4);
  return `${query(table, columns)}\nWHERE ${isIpv4} AND (${isIp})`;
}

function query(table: string, columns: readonly Column[]): string {
  const lines = columns.map(([name, expression]) =>
    name === expression ? `  ${name}` : `  ${expression} AS ${name}`
  );
  return `SELECT\n${lines.join(",\n")}\nFROM ${table}`;
}

function ofProtocol(protocol: number, expression: string): string {
  return `CASE WHEN protocol = ${protocol} THEN ${expression} END`;
}
