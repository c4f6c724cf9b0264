/** Kinds of network headers. */

/** Kind of a network header: another one, ARP, IPv4, IPv6. */
export type Network = 0 | 3 | 4 | 6;
/** Kind of an ARP header. */
export const ARP = 3;
