/** Options: lists of type, length and value at the end of many headers. */
import { partOf } from "../bytes/memory.ts";

/** An option of an IPv4 or TCP header. */
export interface HeaderOption {
  /** Its type (IANA registries of IP option numbers and TCP option kinds). */
  readonly type: number;
  /** Its value without type and length: a view. */
  readonly data: Uint8Array;
}

/** End of the list, in IPv4 as in TCP (RFC 791 section 3.1, RFC 9293 section 3.2). */
const END = 0;
/** Padding of one byte, in both. */
const NOP = 1;

/**
 * Decodes options of IPv4 and TCP: a type, and unless it is padding or ends the list, a length that
 * includes both, and the value.
 *
 * @param bytes The memory.
 * @param at Offset of the first option.
 * @param end Offset after the last one, or after the captured bytes.
 * @returns All complete options without padding; those after an impossible length cannot be
 *   decoded.
 */
export function headerOptions(bytes: Uint8Array, at: number, end: number): HeaderOption[] {
  const options: HeaderOption[] = [];
  while (at < end && bytes[at] !== END) {
    if (bytes[at] === NOP) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > end) break;
    options.push({ type: bytes[at]!, data: partOf(bytes, at + 2, at + length) });
    at += length;
  }
  return options;
}
