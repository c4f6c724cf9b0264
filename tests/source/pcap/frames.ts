/**
 * Frames that carry IP in PPP, Cisco HDLC, PPPoE and MPLS, with their expected contents, for
 * nfscribe's decoder and tshark.
 *
 * @module
 */

import { concat, hex, ipv4, ipv6, tcp, udp } from "../../packet/sample.ts";

/** A frame of a capture file. */
export interface LinkFrame {
  readonly name: string;
  readonly linkType: number;
  readonly data: Uint8Array;
  /** IP version and destination port; absent if there is no IP packet. */
  readonly inside?: readonly [version: 4 | 6, port: number];
}

const FOUR = ipv4(17, udp());
const SIX = ipv6(6, tcp());
const [IN_FOUR, IN_SIX] = [[4, 53], [6, 443]] as const;
const ADDRESSES = hex("02005e100002 02005e100001");
/** Returns a payload after a PPPoE session header with PPP's protocol field. */
function session(protocol: string, payload: Uint8Array): Uint8Array {
  const ppp = concat(hex(protocol), payload);
  return concat(hex("11 00 0007"), Uint8Array.of(ppp.length >> 8, ppp.length & 0xff), ppp);
}
function frame(
  name: string,
  linkType: number,
  parts: readonly Uint8Array[],
  inside?: LinkFrame["inside"],
): LinkFrame {
  return { name, linkType, data: concat(...parts), ...inside === undefined ? {} : { inside } };
}
/** Label 100, its time to live 64; then label 16, the last one. */
const LABELS = hex("00064040 00010140");
/** LCP echo request (RFC 1661 section 5.8). */
const LCP = hex("09 01 0008 00000000");

/** Frames of each link type. */
export const LINK_FRAMES: readonly LinkFrame[] = [
  frame("PPP with address and control, IPv4", 9, [hex("ff03 0021"), FOUR], IN_FOUR),
  frame("PPP with address and control, IPv6", 9, [hex("ff03 0057"), SIX], IN_SIX),
  frame("PPP without address and control", 9, [hex("0021"), FOUR], IN_FOUR),
  frame("PPP, protocol in one byte", 9, [hex("21"), FOUR], IN_FOUR),
  frame("PPP, protocol in one byte behind address and control", 9, [hex("ff03 57"), SIX], IN_SIX),
  frame("PPP, MPLS", 9, [hex("ff03 0281"), LABELS, FOUR], IN_FOUR),
  frame("PPP, LCP", 9, [hex("ff03 c021"), LCP]),
  frame("PPP in HDLC, IPv4", 50, [hex("ff03 0021"), FOUR], IN_FOUR),
  frame("PPP in HDLC, IPv6", 50, [hex("ff03 0057"), SIX], IN_SIX),
  frame("Cisco HDLC as PPP in HDLC", 50, [hex("0f00 0800"), FOUR], IN_FOUR),
  frame("Cisco HDLC, IPv4", 104, [hex("0f00 0800"), FOUR], IN_FOUR),
  frame("Cisco HDLC to all, IPv6", 104, [hex("8f00 86dd"), SIX], IN_SIX),
  frame("Cisco HDLC, MPLS", 104, [hex("0f00 8847"), LABELS, SIX], IN_SIX),
  frame("Cisco HDLC, keepalive", 104, [hex("8f00 8035 00000002 00000001 00000000 ffff")]),
  frame("PPPoE without Ethernet, IPv4", 51, [session("0021", FOUR)], IN_FOUR),
  frame("PPPoE without Ethernet, IPv6", 51, [session("0057", SIX)], IN_SIX),
  frame("PPPoE, a session", 1, [ADDRESSES, hex("8864"), session("0021", FOUR)], IN_FOUR),
  frame("PPPoE, IPv6 and what fills the frame up", 1, [
    ADDRESSES,
    hex("8864"),
    session("0057", SIX),
    new Uint8Array(6),
  ], IN_SIX),
  frame("PPPoE behind a VLAN tag", 1, [
    ADDRESSES,
    hex("8100 0064 8864"),
    session("0021", FOUR),
  ], IN_FOUR),
  frame("PPPoE, LCP", 1, [ADDRESSES, hex("8864"), session("c021", LCP)]),
  frame("PPPoE, discovery", 1, [ADDRESSES, hex("8863 11 09 0000 0004 0101 0000")]),
  frame("MPLS, IPv4", 1, [ADDRESSES, hex("8847"), LABELS, FOUR], IN_FOUR),
  frame("MPLS for several, IPv6", 1, [ADDRESSES, hex("8848"), LABELS, SIX], IN_SIX),
  frame("MPLS, the label for IPv4", 1, [ADDRESSES, hex("8847 00000140"), FOUR], IN_FOUR),
  frame("MPLS behind two VLAN tags", 1, [
    ADDRESSES,
    hex("88a8 0064 8100 00c8 8847"),
    LABELS,
    SIX,
  ], IN_SIX),
  frame("MPLS without Ethernet, IPv4", 219, [LABELS, FOUR], IN_FOUR),
  frame("MPLS without Ethernet, IPv6", 219, [hex("00010140"), SIX], IN_SIX),
  frame("PPPoE in a Linux cooked packet", 113, [
    hex("0000 0001 0006 02005e100001 0000 8864"),
    session("0021", FOUR),
  ], IN_FOUR),
];
