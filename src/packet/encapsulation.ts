/**
 * Headers between the link header and IP that are passed over: VLAN tags (IEEE 802.1Q),
 * PPPoE sessions (RFC 2516) and MPLS labels (RFC 3032). Nothing is allocated.
 *
 * @module
 */

import * as e from "./ether_types.ts";
import { readBe16 } from "../bytes/memory.ts";
import { ABSENT } from "./absent.ts";

/** Bytes of a VLAN tag behind its EtherType: the tag itself and the next EtherType. */
export const VLAN_TAG = 4;
/** Bytes of a PPPoE header: version and type, code, session, length. */
export const PPPOE_HEADER = 6;
/** Version 1, type 1, and the code of a session's data. */
const PPPOE_SESSION = 0x1100;
/** Bytes of an MPLS label. */
const MPLS_LABEL = 4;
/** In a label's third byte: no other label follows. */
const BOTTOM_OF_STACK = 0x01;

/** Whether an EtherType announces a VLAN tag. */
export function isVlan(etherType: number): boolean {
  return etherType === e.ETH_P_8021Q || etherType === e.ETH_P_8021AD;
}

/** Whether an EtherType announces a header that is passed over. */
export function isEncapsulation(etherType: number): boolean {
  return isVlan(etherType) || etherType === e.ETH_P_PPP_SES || etherType === e.ETH_P_MPLS_UC ||
    etherType === e.ETH_P_MPLS_MC;
}

/**
 * Where the innermost header begins.
 *
 * @param bytes The memory.
 * @param type EtherType of what comes first.
 * @param at Its first byte.
 * @param end Behind the last byte that was captured.
 * @returns An offset, behind `end` where a VLAN tag was cut. A PPPoE or MPLS header is
 * passed over only where IP follows it.
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
 * EtherType of the innermost header.
 *
 * @param inner What {@linkcode innerOffset} gave for the same packet.
 * @returns An EtherType; {@linkcode ABSENT} where a VLAN tag was cut.
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
 * Whether tags, PPPoE and MPLS fill the bytes before an offset.
 *
 * @param bytes The memory.
 * @param type EtherType of what comes first.
 * @param at Its first byte.
 * @param end Behind the last byte that was captured.
 * @param offset Where something else should begin.
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
 * EtherType of what PPP carries.
 *
 * @param bytes The memory.
 * @param at PPP's protocol field, all of which was captured.
 * @returns IP's, or that of MPLS (RFC 3032 section 4); {@linkcode ABSENT} for anything else.
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

/** Bytes of PPP's protocol field, whose last byte alone is odd (RFC 1661 section 2). */
export function pppProtocolLength(bytes: Uint8Array, at: number): number {
  return (bytes[at]! & 1) !== 0 ? 1 : 2;
}

/** Bytes of the encapsulation there; 0 where there is none, or nothing known follows it. */
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

/** The whole stack of labels. */
function mplsLength(bytes: Uint8Array, at: number, end: number): number {
  let behind = at;
  do {
    behind += MPLS_LABEL;
    if (behind >= end) return 0;
  } while ((bytes[behind - 2]! & BOTTOM_OF_STACK) === 0);
  return ipTypeAt(bytes, behind) === ABSENT ? 0 : behind - at;
}

/** Labels do not tell what they carry: the first byte of IP does (RFC 4928 section 2). */
function ipTypeAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first >> 4 === 6) return e.ETH_P_IPV6;
  return first >= 0x45 && first <= 0x4f ? e.ETH_P_IP : ABSENT;
}
