/** Counters of 64 bits. */

import { readBe32 } from "./memory.ts";

/**
 * Reads a be64 counter; one that JavaScript's numbers do not hold exactly becomes the largest that
 * they do.
 */
export function readCount(bytes: Uint8Array, at: number): number {
  const high = readBe32(bytes, at);
  const low = readBe32(bytes, at + 4);
  if (high === 0) return low;
  return high > 0x1f_ffff ? Number.MAX_SAFE_INTEGER : high * 0x1_0000_0000 + low;
}
