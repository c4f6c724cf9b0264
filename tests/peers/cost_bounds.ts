/**
 * Recorded costs of a packet, as ratios to something that is measured beside it: they hold on
 * other machines, and while others work on this one. To be written anew after a change that makes
 * packets cheaper or, with a reason, dearer.
 *
 * @module
 */

/** CPU time of nfscribe for a packet by that of ulogd, with the same output. */
export const TO_ULOGD = { pcap: 0.4, logemu: 0.09, json: 0.13 } as const;

/** CPU time of a sandbox for a packet by that of a plain copy (`deno task bench:slots`). */
export const TO_PLAIN_COPY = { pcap: 13, logemu: 38, json: 73 } as const;

/**
 * Times the recorded ratio that are still taken for noise. A fall of a third, in packets a second,
 * is 1.5 times. Plain copies vary by a twentieth even beside eight times as much other work as
 * there are cores.
 */
export const BOUND = 1.4;

/**
 * The same beside ulogd, where other work took the cores from nfscribe or ulogd in every round: its
 * processes then wait for each other, and packets cost up to 2.6 times as much.
 */
export const BUSY_BOUND = 4;
