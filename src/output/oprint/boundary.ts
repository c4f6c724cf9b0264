/**
 * The line between packets.
 *
 * @module
 */

/** The first line of each packet. */
export const BOUNDARY = "===>PACKET BOUNDARY\n";
