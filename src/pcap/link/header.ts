/** Decodes link headers in capture files. Pure, and nothing is allocated. */

import { IPV4_HEADER, IPV6_HEADER } from "../../packet/ip_sizes.ts";
import { ipv6PayloadLength } from "../../packet/jumbogram.ts";
import { readBe16 } from "../../bytes/memory.ts";
import { innerOffset, innerType, isVlan, VLAN_TAG } from "../../packet/encapsulation.ts";
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from "../../packet/ether_types.ts";
import { ETH_HLEN, NFPROTO_ARP, NFPROTO_IPV4, NFPROTO_IPV6 } from "../../packet/network.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";

/** `ARPHRD_ETHER` (linux/if_arp.h) */
const ARPHRD_ETHER = 1;
/** `ETH_ALEN` (linux/if_ether.h) */
const ETH_ALEN = 6;
/** `ETH_P_802_3_MIN` (linux/if_ether.h): smaller values are lengths, not EtherTypes. */
const ETH_P_802_3_MIN = 0x0600;
/** `ETH_P_802_2` (linux/if_ether.h): the kernel's protocol number for frames with a length. */
const ETH_P_802_2 = 0x0004;

/**
 * Decodes a packet that begins with its link header.
 *
 * @param packet Filled in.
 * @param start Offset of the packet.
 * @param end Offset after the packet.
 * @returns False if it is shorter than the header.
 */
export type LinkDecoder = (
  packet: RawPacket,
  bytes: Uint8Array,
  start: number,
  end: number,
) => boolean;

/**
 * Decodes a packet that begins with its IP header.
 *
 * @param packet Filled in.
 * @param start Offset of the packet.
 * @param end Offset after the packet.
 * @param version 4 or 6, or 0 if the packet's first byte decides.
 * @returns False if it is empty.
 */
export function decodeIp(
  packet: RawPacket,
  bytes: Uint8Array,
  start: number,
  end: number,
  version: 0 | 4 | 6,
): boolean {
  if (start === end) return false;
  const found = version === 0 ? bytes[start]! >> 4 : version;
  if (found === 4) {
    packet.family = NFPROTO_IPV4;
    packet.hwProtocol = ETH_P_IP;
  } else if (found === 6) {
    packet.family = NFPROTO_IPV6;
    packet.hwProtocol = ETH_P_IPV6;
  }
  packet.payloadOffset = start;
  packet.payloadLength = end - start;
  return true;
}

/**
 * Decodes an Ethernet frame (IEEE 802.3). The outermost VLAN tag is reported like one that a device
 * removed; inner ones are skipped. Padding after an IP packet is removed, as the kernel does.
 */
export const decodeEthernet: LinkDecoder = (packet, bytes, start, end) => {
  if (end - start < ETH_HLEN) return false;
  packet.hwType = ARPHRD_ETHER;
  packet.hwHeaderOffset = start;
  packet.hwHeaderLength = ETH_HLEN;
  packet.hwAddressOffset = start + ETH_ALEN;
  packet.hwAddressLength = ETH_ALEN;
  decodeNetwork(packet, bytes, readBe16(bytes, start + ETH_HLEN - 2), start + ETH_HLEN, end);
  return true;
};

/**
 * Decodes the bytes after a link header. Skips a PPPoE header and MPLS labels before IP.
 *
 * @param packet Filled in.
 * @param protocol The EtherType, or a length.
 * @param start Offset of the bytes.
 * @param end Offset after them.
 */
export function decodeNetwork(
  packet: RawPacket,
  bytes: Uint8Array,
  protocol: number,
  start: number,
  end: number,
): void {
  let [type, at] = [protocol, start];
  if (isVlan(type) && at + VLAN_TAG <= end) {
    packet.vlanProtocol = type;
    packet.vlanTci = readBe16(bytes, at);
  }
  // A truncated tag stays, as in a frame that the kernel truncated.
  while (isVlan(type) && at + VLAN_TAG <= end) {
    type = readBe16(bytes, at + 2);
    at += VLAN_TAG;
  }
  const inner = isVlan(type) ? at : innerOffset(bytes, type, at, end);
  type = innerType(bytes, type, at, end, inner);
  at = inner;
  packet.hwProtocol = type < ETH_P_802_3_MIN ? ETH_P_802_2 : type;
  packet.payloadOffset = at;
  packet.payloadLength = end - at;
  if (type === ETH_P_IP) {
    packet.family = NFPROTO_IPV4;
    leaveOut(packet, end - at >= IPV4_HEADER ? readBe16(bytes, at + 2) : 0, IPV4_HEADER);
  } else if (type === ETH_P_IPV6) {
    packet.family = NFPROTO_IPV6;
    const length = end - at >= IPV6_HEADER ? ipv6PayloadLength(bytes, at, end) : 0;
    leaveOut(packet, length === 0 ? 0 : IPV6_HEADER + length, IPV6_HEADER);
  } else if (type === ETH_P_ARP) {
    packet.family = NFPROTO_ARP;
  }
}

/**
 * Decodes a packet whose protocol has no EtherType, or an unknown one.
 *
 * @param packet Filled in.
 * @param start Offset of the packet.
 * @param end Offset after the packet.
 */
export function decodeOther(packet: RawPacket, start: number, end: number): void {
  packet.payloadOffset = start;
  packet.payloadLength = end - start;
}

/** Removes padding after the packet, if its length is plausible. */
function leaveOut(packet: RawPacket, length: number, least: number): void {
  if (length >= least && length < packet.payloadLength) packet.payloadLength = length;
}
