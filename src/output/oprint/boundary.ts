/** The line between packets. */

/** The first line of each packet. */
export const BOUNDARY = "===>PACKET BOUNDARY\n";
