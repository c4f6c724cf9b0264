/** Formatting of addresses. */

import { readBe16 } from "../bytes/memory.ts";

/**
 * Formats an IPv4 address.
 *
 * @param at Offset of its first byte.
 * @returns Text such as `192.0.2.1`.
 */
export function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/**
 * Formats an IPv6 address in its canonical form (RFC 5952): lower case, no leading zeros, the first
 * of the longest runs of two or more zero groups as `::`, an IPv4-mapped address with its dotted
 * end.
 *
 * @param at Offset of its first byte.
 * @returns Text such as `2001:db8::1`.
 */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups = Array.from({ length: 8 }, (_, index) => readBe16(bytes, at + index * 2));
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return `::ffff:${ipv4Text(bytes, at + 12)}`;
  }
  const { start, length } = longestZeroRun(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** Finds the first of the longest runs of zero groups. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}

/**
 * Formats a link-layer address.
 *
 * @param at Offset of its first byte.
 * @param length Its length in bytes.
 * @returns Text such as `02:00:5e:10:00:01`.
 */
export function hardwareText(bytes: Uint8Array, at: number, length: number): string {
  return Array.from(
    bytes.subarray(at, at + length),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join(":");
}
