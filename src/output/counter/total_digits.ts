/** Totals of counters as decimal digits, for formats that have all 64 bits. */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { ABSENT } from "../../packet/absent.ts";

/** Returns the digits of the packets that an object has counted; none if they are unknown. */
export function packetsDigits({ packetsHigh, packetsLow, totalPackets }: RawCounter): string {
  return packetsHigh > 0 ? digitsOf(packetsHigh, packetsLow) : known(totalPackets);
}

/** Returns the digits of the bytes that an object has counted; none if they are unknown. */
export function bytesDigits({ bytesHigh, bytesLow, totalBytes }: RawCounter): string {
  return bytesHigh > 0 ? digitsOf(bytesHigh, bytesLow) : known(totalBytes);
}

function known(count: number): string {
  return count === ABSENT ? "" : String(count);
}

function digitsOf(high: number, low: number): string {
  return String(BigInt(high) << 32n | BigInt(low));
}
