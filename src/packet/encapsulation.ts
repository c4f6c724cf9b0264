/**
 * Skips headers between the link header and IP: VLAN tags (IEEE 802.1Q), PPPoE sessions (RFC 2516)
 * and MPLS labels (RFC 3032). Nothing is allocated.
 */

import * as e from "./ether_types.ts";
import { readBe16 } from "../bytes/memory.ts";
import { ABSENT } from "./absent.ts";

/** Size of a VLAN tag after its EtherType in bytes: the tag itself and the next EtherType. */
export const VLAN_TAG = 4;
/** Size of a PPPoE header in bytes: version and type, code, session, length. */
export const PPPOE_HEADER = 6;
/** Version 1, type 1, and the code of session data. */
const PPPOE_SESSION = 0x1100;
/** Size of an MPLS label in bytes. */
const MPLS_LABEL = 4;
/** Bit of a label's third byte: no other label follows. */
const BOTTOM_OF_STACK = 0x01;

/** Returns whether an EtherType announces a VLAN tag. */
export function isVlan(etherType: number): boolean {
  return etherType === e.ETH_P_8021Q || etherType === e.ETH_P_8021AD;
}

/** Returns whether an EtherType announces a header that is skipped. */
export function isEncapsulation(etherType: number): boolean {
  return isVlan(etherType) || etherType === e.ETH_P_PPP_SES || etherType === e.ETH_P_MPLS_UC ||
    etherType === e.ETH_P_MPLS_MC;
}

/**
 * Returns the offset of the innermost header.
 *
 * @param type EtherType of the outermost header.
 * @param end Offset after the captured bytes.
 * @returns An offset, after `end` if a VLAN tag is truncated. A PPPoE or MPLS header is skipped
 *   only if IP follows it.
 */
export function innerOffset(bytes: Uint8Array, type: number, at: number, end: number): number {
  while (at <= end) {
    const length = lengthOf(bytes, type, at, end);
    if (length === 0) break;
    type = typeBehind(bytes, type, at, length);
    at += length;
  }
  return at;
}

/**
 * Returns the EtherType of the innermost header.
 *
 * @param inner Result of {@linkcode innerOffset} for the same packet.
 * @returns An EtherType; {@linkcode ABSENT} if a VLAN tag is truncated.
 */
export function innerType(
  bytes: Uint8Array,
  type: number,
  at: number,
  end: number,
  inner: number,
): number {
  if (inner > end && inner !== at) return ABSENT;
  while (at < inner) {
    const length = lengthOf(bytes, type, at, end);
    type = typeBehind(bytes, type, at, length);
    at += length;
  }
  return type;
}

/**
 * Returns whether tags, PPPoE and MPLS fill the bytes before an offset.
 *
 * @param type EtherType of the outermost header.
 * @param end Offset after the captured bytes.
 * @param offset Offset of the header after them.
 */
export function leadsTo(
  bytes: Uint8Array,
  type: number,
  at: number,
  end: number,
  offset: number,
): boolean {
  while (at < offset) {
    const length = lengthOf(bytes, type, at, end);
    if (length === 0) return false;
    type = typeBehind(bytes, type, at, length);
    at += length;
  }
  return at === offset;
}

/**
 * Returns the EtherType of a PPP payload.
 *
 * @param at Offset of PPP's protocol field, all of which was captured.
 * @returns The EtherType of IP or MPLS (RFC 3032 section 4); {@linkcode ABSENT} for anything else.
 */
export function pppType(bytes: Uint8Array, at: number): number {
  switch (pppProtocolLength(bytes, at) === 1 ? bytes[at]! : readBe16(bytes, at)) {
    case 0x0021:
      return e.ETH_P_IP;
    case 0x0057:
      return e.ETH_P_IPV6;
    case 0x0281:
      return e.ETH_P_MPLS_UC;
    case 0x0283:
      return e.ETH_P_MPLS_MC;
    default:
      return ABSENT;
  }
}

/**
 * Returns the length of PPP's protocol field, whose last byte alone is odd (RFC 1661 section 2).
 */
export function pppProtocolLength(bytes: Uint8Array, at: number): number {
  return (bytes[at]! & 1) !== 0 ? 1 : 2;
}

/**
 * Returns the length of the encapsulation at an offset; 0 if there is none, or nothing known
 * follows it.
 */
function lengthOf(bytes: Uint8Array, type: number, at: number, end: number): number {
  switch (type) {
    case e.ETH_P_8021Q:
    case e.ETH_P_8021AD:
      return VLAN_TAG;
    case e.ETH_P_PPP_SES:
      return pppoeLength(bytes, at, end);
    case e.ETH_P_MPLS_UC:
    case e.ETH_P_MPLS_MC:
      return mplsLength(bytes, at, end);
    default:
      return 0;
  }
}

function typeBehind(bytes: Uint8Array, type: number, at: number, length: number): number {
  if (isVlan(type)) return readBe16(bytes, at + length - 2);
  return type === e.ETH_P_PPP_SES
    ? pppType(bytes, at + PPPOE_HEADER)
    : ipTypeAt(bytes, at + length);
}

function pppoeLength(bytes: Uint8Array, at: number, end: number): number {
  const ppp = at + PPPOE_HEADER;
  if (ppp >= end || readBe16(bytes, at) !== PPPOE_SESSION) return 0;
  const length = pppProtocolLength(bytes, ppp);
  if (ppp + length > end) return 0;
  const type = pppType(bytes, ppp);
  if (type === ABSENT) return 0;
  const isIp = type === e.ETH_P_IP || type === e.ETH_P_IPV6;
  return isIp || mplsLength(bytes, ppp + length, end) > 0 ? PPPOE_HEADER + length : 0;
}

/** Returns the length of the whole label stack. */
function mplsLength(bytes: Uint8Array, at: number, end: number): number {
  let behind = at;
  do {
    behind += MPLS_LABEL;
    if (behind >= end) return 0;
  } while ((bytes[behind - 2]! & BOTTOM_OF_STACK) === 0);
  return ipTypeAt(bytes, behind) === ABSENT ? 0 : behind - at;
}

/**
 * Returns the EtherType of the IP header after labels. Labels do not name their payload: the first
 * byte of IP does (RFC 4928 section 2).
 */
function ipTypeAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first >> 4 === 6) return e.ETH_P_IPV6;
  return first >= 0x45 && first <= 0x4f ? e.ETH_P_IP : ABSENT;
}
