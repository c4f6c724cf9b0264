/**
 * Options of neighbour discovery (RFC 4861 section 4.6).
 *
 * @module
 */
import { partOf } from "../bytes/memory.ts";

/** One option. */
export interface NeighbourOption {
  /** Its type (IANA), as in 1 source link address, 2 target link address, 3 prefix, 5 MTU. */
  readonly type: number;
  /** Its value without type and length, padding included: a view. */
  readonly data: Uint8Array;
}

/**
 * Options with a length in units of 8 bytes that counts type and length.
 *
 * @param bytes Where they lie.
 * @param at The first one.
 * @param end Behind the last one, or where the captured bytes end.
 * @returns All that are whole; what follows a length of 0 cannot be read.
 */
export function neighbourOptions(bytes: Uint8Array, at: number, end: number): NeighbourOption[] {
  const options: NeighbourOption[] = [];
  while (at + 2 <= end) {
    const length = bytes[at + 1]! * 8;
    if (length === 0 || at + length > end) break;
    options.push({ type: bytes[at]!, data: partOf(bytes, at + 2, at + length) });
    at += length;
  }
  return options;
}
