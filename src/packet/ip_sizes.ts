/** Sizes of IP headers (RFC 791, RFC 8200). */

/** Size of an IPv4 header without options, in bytes. */
export const IPV4_HEADER = 20;
/** Size of an IPv6 header without extensions, in bytes. */
export const IPV6_HEADER = 40;
