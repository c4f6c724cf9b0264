/**
 * Options: lists of type, length, value that many headers end with.
 *
 * @module
 */
import { partOf } from "../bytes/memory.ts";

/** One option of an IPv4 or TCP header. */
export interface HeaderOption {
  /** Its type (IANA registries of IP option numbers and TCP option kinds). */
  readonly type: number;
  /** Its value without type and length: a view. */
  readonly data: Uint8Array;
}

/** The end of the list, in IPv4 as in TCP (RFC 791 section 3.1, RFC 9293 section 3.2). */
const END = 0;
/** Padding of one byte, in both. */
const NOP = 1;

/**
 * Options as IPv4 and TCP write them: a type, and unless it ends the list or is
 * padding, a length that counts both of them, and the value.
 *
 * @param bytes Where they lie.
 * @param at The first one.
 * @param end Behind the last one, or where the captured bytes end.
 * @returns All that are whole, padding left out; what follows an impossible
 * length cannot be read.
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
