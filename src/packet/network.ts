/** Finds a packet's network header and its kind. */

import { innerOffset, innerType, isVlan, VLAN_TAG } from "./encapsulation.ts";
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, ETH_P_RARP } from "./ether_types.ts";
import { readBe16 } from "../bytes/memory.ts";
import { ARP, type Network } from "./network_kind.ts";
import type { RawPacket } from "./raw_packet.ts";
import { ABSENT } from "./absent.ts";

/** `NFPROTO_IPV4` (linux/netfilter.h) */
export const NFPROTO_IPV4 = 2;
/** `NFPROTO_ARP` (linux/netfilter.h) */
export const NFPROTO_ARP = 3;
/** `NFPROTO_NETDEV` (linux/netfilter.h) */
export const NFPROTO_NETDEV = 5;
/** `NFPROTO_IPV6` (linux/netfilter.h) */
export const NFPROTO_IPV6 = 10;
/** `NF_NETDEV_EGRESS` (linux/netfilter.h) */
const NF_NETDEV_EGRESS = 1;
/** `NF_ARP_OUT` (linux/netfilter_arp.h) */
const NF_ARP_OUT = 1;

/** `ETH_HLEN` (linux/if_ether.h) */
export const ETH_HLEN = 14;

/**
 * Returns the size of a link header at the start of the payload: 0, except for packets logged by
 * netdev rules at egress and ARP rules at output, where the header is already in place.
 *
 * @param packet Any packet.
 * @returns Its size in bytes, which may be more than was captured.
 */
export function linkHeaderInPayload(packet: RawPacket): number {
  const { family } = packet;
  if (family === NFPROTO_NETDEV && packet.hook === NF_NETDEV_EGRESS) {
    return Math.max(packet.l2HeaderLength, 0);
  }
  return family === NFPROTO_ARP && isArpFrame(packet) ? ETH_HLEN : 0;
}

/**
 * Returns whether an ARP packet begins with its Ethernet header, as the kernel sends it where it
 * builds one. It has no device type there: the header's EtherType shows it.
 */
function isArpFrame({ bytes, hook, hwProtocol, payloadOffset, payloadLength }: RawPacket): boolean {
  if (hook !== NF_ARP_OUT || payloadLength === ABSENT) return false;
  return payloadLength < ETH_HLEN || readBe16(bytes, payloadOffset + ETH_HLEN - 2) === hwProtocol;
}

/**
 * Returns the offset of an Ethernet header at the start of the payload that the kernel does not
 * send as an attribute.
 *
 * @param packet Any packet.
 * @returns An offset in the packet's memory; {@linkcode ABSENT} if there is none, or it is
 *   truncated.
 */
export function ethernetInPayload(packet: RawPacket): number {
  const { family, payloadOffset, payloadLength } = packet;
  return family === NFPROTO_ARP && payloadLength >= ETH_HLEN && isArpFrame(packet)
    ? payloadOffset
    : ABSENT;
}

/**
 * Returns the EtherType of the payload. The kernel sends the frame's, which is a tag's if the link
 * header ends with that tag and not before it.
 *
 * @param packet Any packet.
 * @returns An EtherType, or {@linkcode ABSENT}.
 */
export function payloadType(packet: RawPacket): number {
  const { bytes, hwProtocol, l2HeaderOffset, l2HeaderLength } = packet;
  const holdsTag = isVlan(hwProtocol) && l2HeaderLength >= ETH_HLEN + VLAN_TAG &&
    isVlan(readBe16(bytes, l2HeaderOffset + ETH_HLEN - 2));
  return holdsTag ? readBe16(bytes, l2HeaderOffset + l2HeaderLength - 2) : hwProtocol;
}

/**
 * Returns the offset of the network header: after a link header, the VLAN tags that were left in
 * the frame, PPPoE and MPLS.
 *
 * @param packet Any packet with a payload.
 * @returns An offset in the packet's memory; after the payload's end if a tag is truncated.
 */
export function networkOffset(packet: RawPacket): number {
  const { bytes, family, payloadOffset, payloadLength } = packet;
  // Nothing precedes IP in packets that the kernel's IP code logs.
  if (family === NFPROTO_IPV4 || family === NFPROTO_IPV6) return payloadOffset;
  const at = payloadOffset + linkHeaderInPayload(packet);
  return innerOffset(bytes, payloadType(packet), at, payloadOffset + payloadLength);
}

/**
 * Returns the EtherType of the network header.
 *
 * @param packet Any packet with a payload.
 * @param offset Result of {@linkcode networkOffset}.
 * @returns An EtherType; {@linkcode ABSENT} if a tag before it is truncated.
 */
export function networkType(packet: RawPacket, offset: number): number {
  const { bytes, payloadOffset, payloadLength } = packet;
  const first = payloadType(packet);
  if (offset === payloadOffset) return first;
  const at = payloadOffset + linkHeaderInPayload(packet);
  return innerType(bytes, first, at, payloadOffset + payloadLength, offset);
}

/**
 * Returns the expected kind of the network header, by the family, else by the EtherType.
 *
 * @param packet Any packet with a payload.
 * @param offset Result of {@linkcode networkOffset}.
 * @returns The kind; 0 for anything that nfscribe does not decode.
 */
export function networkKind(packet: RawPacket, offset: number): Network {
  const { bytes, family, hwProtocol, payloadOffset, payloadLength } = packet;
  // Fast path for most packets.
  if (family === NFPROTO_IPV4 && hwProtocol === ETH_P_IP) return 4;
  const etherType = networkType(packet, offset);
  const six = family === NFPROTO_IPV6 || etherType === ETH_P_IPV6;
  const four = family === NFPROTO_IPV4 || etherType === ETH_P_IP;
  // If family and EtherType contradict each other the packet itself decides.
  if (six && four) {
    return offset < payloadOffset + payloadLength && bytes[offset]! >> 4 === 6 ? 6 : 4;
  }
  if (four) return 4;
  if (six) return 6;
  return family === NFPROTO_ARP || etherType === ETH_P_ARP || etherType === ETH_P_RARP ? ARP : 0;
}
