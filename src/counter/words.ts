/** Counts of 64 bits as two words, whose differences are exact where the counts are no exact numbers. */

import { ABSENT } from "../packet/absent.ts";

/** 2^32: the value of a high word's lowest bit. */
const HIGH = 0x1_0000_0000;

/**
 * Returns a count of two words, or the difference of two counts from the differences of their words;
 * {@linkcode ABSENT} if it is less than 0 or above 2^53 - 1.
 */
export function countOfWords(high: number, low: number): number {
  const count = high * HIGH + low;
  return count >= 0 && count <= Number.MAX_SAFE_INTEGER ? count : ABSENT;
}

/** Returns whether a count is less than another, from the differences of their words. */
export function isLess(high: number, low: number): boolean {
  return high < 0 || high === 0 && low < 0;
}
