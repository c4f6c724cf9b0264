/**
 * Sizes of IP headers (RFC 791, RFC 8200).
 *
 * @module
 */

/** The least bytes of an IPv4 header. */
export const IPV4_HEADER = 20;
/** Bytes of an IPv6 header without its extensions. */
export const IPV6_HEADER = 40;
