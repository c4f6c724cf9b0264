/**
 * Columns of the table, in the order of a row.
 *
 * @module
 */

/** Names and types; the encoder writes a row's fields in this order. */
export const COLUMNS = [
  ["time", "timestamptz"],
  ["host", "text"],
  ["capture", "text"],
  ["session", "uuid"],
  ["seq", "bigint"],
  ["prefix", "text"],
  ["hook", "smallint"],
  ["mark", "bigint"],
  ["in_dev", "text"],
  ["out_dev", "text"],
  ["hardware_source", "macaddr"],
  ["hardware_destination", "macaddr"],
  ["ethertype", "integer"],
  ["source_address", "inet"],
  ["destination_address", "inet"],
  ["protocol", "smallint"],
  ["source_port", "integer"],
  ["destination_port", "integer"],
  ["tcp_flags", "smallint"],
  ["icmp_type", "smallint"],
  ["icmp_code", "smallint"],
  ["length", "integer"],
  ["ttl", "smallint"],
  ["tos", "smallint"],
  ["uid", "bigint"],
  ["gid", "bigint"],
  ["extra", "jsonb"],
  ["payload", "bytea"],
] as const;
