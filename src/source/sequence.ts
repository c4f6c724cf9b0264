/**
 * Numbers that packets carry in their group: a circle of 2^32.
 *
 * @module
 */

/** Half of the circle: a gap larger than this is a step back, not a loss. */
const HALF_CIRCLE = 0x8000_0000;

/**
 * How many packets are missing where one number was expected and another came.
 *
 * @returns 0 for a step back.
 */
export function missingBefore(seq: number, expected: number): number {
  const gap = (seq - expected) >>> 0;
  return gap < HALF_CIRCLE ? gap : 0;
}
