/** Comparison of addresses and ports of a flow's directions. */

import { ABSENT } from "../packet/absent.ts";
import type { RawTuple } from "./raw_flow.ts";

/**
 * Returns whether two addresses are equal.
 *
 * @param bytes Memory of the flow.
 * @param at Offset of the one, which has the size of `tuple`.
 * @param otherAt Offset of the other one, which has the size of `other`.
 */
export function isSameAddress(
  bytes: Uint8Array,
  { addressSize }: RawTuple,
  at: number,
  other: RawTuple,
  otherAt: number,
): boolean {
  if (addressSize !== other.addressSize) return false;
  for (let i = 0; i < addressSize; i++) if (bytes[at + i] !== bytes[otherAt + i]) return false;
  return true;
}

/** Returns whether a port of the reply is known and differs from that of the original direction. */
export function isOtherPort(port: number, original: number): boolean {
  return port !== ABSENT && port !== original;
}
