/** IPv6 extension headers (RFC 8200 section 4). */

import { partOf } from "../bytes/memory.ts";
import { ahLength } from "./ah.ts";
import {
  IPPROTO_AH,
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_ROUTING,
} from "./protocols.ts";

/** An IPv6 extension header. */
export interface Ipv6Extension {
  /**
   * Its type (IANA protocol numbers): 0 hop-by-hop options, 43 routing, 44 fragment, 51
   * authentication, 60 destination options.
   */
  readonly type: number;
  /** Type of the next header (IANA protocol numbers). */
  readonly nextHeader: number;
  /** Its captured bytes, the first two included: a view. */
  readonly data: Uint8Array;
}

/** Returns whether a next-header value announces an extension header that can be skipped. */
export function isExtension(protocol: number): boolean {
  return protocol === IPPROTO_HOPOPTS || protocol === IPPROTO_ROUTING ||
    protocol === IPPROTO_FRAGMENT || protocol === IPPROTO_AH || protocol === IPPROTO_DSTOPTS;
}

/**
 * Lists the chain of extension headers.
 *
 * @param type Type of the first one.
 * @param bytes The memory.
 * @param at Offset of the first one.
 * @param end Offset of the payload after them, or after the captured bytes.
 * @returns Every extension header whose first bytes were captured.
 */
export function ipv6Extensions(
  type: number,
  bytes: Uint8Array,
  at: number,
  end: number,
): Ipv6Extension[] {
  const extensions: Ipv6Extension[] = [];
  while (at + 8 <= end && isExtension(type)) {
    const length = type === IPPROTO_FRAGMENT
      ? 8
      : type === IPPROTO_AH
      ? ahLength(bytes, at)
      : (bytes[at + 1]! + 1) * 8;
    const nextHeader = bytes[at]!;
    extensions.push({ type, nextHeader, data: partOf(bytes, at, Math.min(at + length, end)) });
    at += length;
    type = nextHeader;
  }
  return extensions;
}
