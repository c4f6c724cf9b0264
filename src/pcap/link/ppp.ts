/**
 * Link types of serial and label-switched links: PPP (RFC 1661, RFC 1662), Cisco HDLC, PPPoE (RFC
 * 2516) and MPLS (RFC 3032). Pure, and nothing is allocated.
 */

import { PPPOE_HEADER, pppProtocolLength, pppType } from "../../packet/encapsulation.ts";
import { ETH_P_MPLS_UC, ETH_P_PPP_DISC, ETH_P_PPP_SES } from "../../packet/ether_types.ts";
import { readBe16 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import { decodeNetwork, decodeOther, type LinkDecoder } from "./header.ts";

/** `ARPHRD_PPP`, `ARPHRD_CISCO` (linux/if_arp.h) */
const ARPHRD_PPP = 512;
const ARPHRD_CISCO = 513;
/** Optional start of a PPP frame: all stations, unnumbered information (RFC 1662 section 3.1). */
const PPP_HEADER = 0xff03;
/** First byte of a Cisco HDLC frame: to one station, to all. */
const CISCO_UNICAST = 0x0f;
const CISCO_BROADCAST = 0x8f;
/** Size of its header in bytes: address, control, an EtherType or one of Cisco's own numbers. */
const CISCO_HEADER = 4;
/** Cisco's keepalive (SLARP), which as an EtherType would be RARP. */
const CISCO_SLARP = 0x8035;
/** Size of an MPLS label in bytes. */
const MPLS_LABEL = 4;

/**
 * Decodes a PPP frame, with or without address and control; or one of Cisco HDLC, which captures of
 * serial lines mix with it.
 */
export const decodePpp: LinkDecoder = (packet, bytes, start, end) => {
  if (end - start < 2) return false;
  const first = bytes[start]!;
  if (first === CISCO_UNICAST || first === CISCO_BROADCAST) {
    return decodeCisco(packet, bytes, start, end);
  }
  const at = readBe16(bytes, start) === PPP_HEADER ? start + 2 : start;
  if (at >= end || at + pppProtocolLength(bytes, at) > end) return false;
  packet.hwType = ARPHRD_PPP;
  const type = pppType(bytes, at);
  const next = at + pppProtocolLength(bytes, at);
  if (type === ABSENT) decodeOther(packet, next, end);
  else decodeNetwork(packet, bytes, type, next, end);
  return true;
};

/** Decodes a Cisco HDLC frame. */
export const decodeCisco: LinkDecoder = (packet, bytes, start, end) => {
  if (end - start < CISCO_HEADER) return false;
  packet.hwType = ARPHRD_CISCO;
  const type = readBe16(bytes, start + 2);
  if (type === CISCO_SLARP) decodeOther(packet, start + CISCO_HEADER, end);
  else decodeNetwork(packet, bytes, type, start + CISCO_HEADER, end);
  return true;
};

/** Decodes a PPPoE packet without its Ethernet header. */
export const decodePppoe: LinkDecoder = (packet, bytes, start, end) => {
  if (end - start < PPPOE_HEADER) return false;
  // Discovery packets have a code; in a session it is 0.
  const type = bytes[start + 1] === 0 ? ETH_P_PPP_SES : ETH_P_PPP_DISC;
  decodeNetwork(packet, bytes, type, start, end);
  return true;
};

/** Decodes an MPLS packet that begins with its labels. */
export const decodeMpls: LinkDecoder = (packet, bytes, start, end) => {
  if (end - start < MPLS_LABEL) return false;
  decodeNetwork(packet, bytes, ETH_P_MPLS_UC, start, end);
  return true;
};
