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
export const TO_PLAIN_COPY = { pcap: 14, logemu: 38, json: 97 } as const;

/**
 * Times the recorded ratio that are still taken for noise. A fall of a third, in packets a second,
 * is 1.5 times.
 */
export const BOUND = 1.4;
