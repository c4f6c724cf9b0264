/**
 * Kinds of network headers.
 *
 * @module
 */

/** Kind of a network header: none that nfscribe takes apart, ARP, IPv4, IPv6. */
export type Network = 0 | 3 | 4 | 6;
/** The network header is ARP's. */
export const ARP = 3;
