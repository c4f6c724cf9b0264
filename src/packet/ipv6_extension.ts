/**
 * IPv6 extension headers (RFC 8200 section 4).
 *
 * @module
 */

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
  /** What it is (IANA protocol numbers): 0 hop-by-hop options, 43 routing, 44 fragment, 51 authentication, 60 destination options. */
  readonly type: number;
  /** What follows it (IANA protocol numbers). */
  readonly nextHeader: number;
  /** All of it, its first two bytes included, cut where the captured bytes end: a view. */
  readonly data: Uint8Array;
}

/** Whether a next-header value announces an extension header that can be passed over. */
export function isExtension(protocol: number): boolean {
  return protocol === IPPROTO_HOPOPTS || protocol === IPPROTO_ROUTING ||
    protocol === IPPROTO_FRAGMENT || protocol === IPPROTO_AH || protocol === IPPROTO_DSTOPTS;
}

/**
 * The chain of extension headers.
 *
 * @param type What the first one is.
 * @param bytes Where they lie.
 * @param at The first one.
 * @param end Where what carries no extension begins, or the captured bytes end.
 * @returns Every one of which the first bytes were captured.
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
