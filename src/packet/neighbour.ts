/** Options of neighbour discovery (RFC 4861 section 4.6). */
import { partOf } from "../bytes/memory.ts";

/** An option of neighbour discovery. */
export interface NeighbourOption {
  /** Its type (IANA), such as 1 source link address, 2 target link address, 3 prefix, 5 MTU. */
  readonly type: number;
  /** Its value without type and length, padding included: a view. */
  readonly data: Uint8Array;
}

/**
 * Decodes options, whose length in units of 8 bytes includes type and length.
 *
 * @param bytes The memory.
 * @param at Offset of the first option.
 * @param end Offset after the last one, or after the captured bytes.
 * @returns All complete options; those after a length of 0 cannot be decoded.
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
