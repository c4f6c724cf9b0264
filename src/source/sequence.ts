/** Sequence numbers of a group: 32-bit counters that wrap around. */

/** Half of the range: a larger gap is a step back, not a loss. */
const HALF_CIRCLE = 0x8000_0000;

/**
 * Returns how many packets are missing between the expected sequence number and the next one.
 *
 * @returns 0 for a step back.
 */
export function missingBefore(seq: number, expected: number): number {
  const gap = (seq - expected) >>> 0;
  return gap < HALF_CIRCLE ? gap : 0;
}
