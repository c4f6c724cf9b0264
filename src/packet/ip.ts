/** Common parts of IPv4 (RFC 791) and IPv6 (RFC 8200). */

import { ipv6PayloadLength } from "./jumbogram.ts";
import { readBe16 } from "../bytes/memory.ts";
import { ETH_P_IP, ETH_P_IPV6 } from "./ether_types.ts";
import {
  linkHeaderInPayload,
  networkOffset,
  networkType,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
} from "./network.ts";
import { IPV6_HEADER } from "./ip_sizes.ts";
import type { RawPacket } from "./raw_packet.ts";

/** The longest plausible packet in bytes: the largest signed 32-bit integer. */
const LENGTH_MAX = 0x7fff_ffff;

/** Fields that both versions of the IP header have. */
export interface IpHeader {
  /** 4 or 6. */
  readonly version: 4 | 6;
  /** Source address, such as `192.0.2.1` or `2001:db8::1`. */
  readonly source: string;
  /** Destination address. */
  readonly destination: string;
  /**
   * The protocol of the payload (IANA protocol numbers), after extension headers and authentication
   * headers.
   */
  readonly protocol: number;
  /** `TTL` or `Hop Limit`. */
  readonly hopLimit: number;
  /** Type of Service, or Traffic Class: DSCP and ECN. */
  readonly trafficClass: number;
  /** Differentiated services code point, 0 to 63 (RFC 2474): the upper six bits of `trafficClass`. */
  readonly dscp: number;
  /** Explicit congestion notification, 0 to 3 (RFC 3168): the lower two bits of `trafficClass`. */
  readonly ecn: number;
  /**
   * Length of the whole packet in bytes, from the header, or from the jumbo payload option of IPv6
   * (RFC 2675). IPv4 packets above 64 KiB, which devices with offload make, have 0.
   */
  readonly totalLength: number;
  /** Offset in the unfragmented packet, in bytes; 0 in an unfragmented packet. */
  readonly fragmentOffset: number;
  /** Whether more fragments of the same packet follow this one. */
  readonly moreFragments: boolean;
}

/**
 * Returns the IP version of a packet whose payload begins with its IP header.
 *
 * @param packet Any packet.
 * @returns 4 or 6; 0 if the packet is not IP, or empty, or if other headers precede the IP header.
 */
export function ipVersion(packet: RawPacket): 0 | 4 | 6 {
  if (packet.payloadLength <= 0) return 0;
  if (isPlainIpv4(packet)) return 4;
  if (linkHeaderInPayload(packet) > 0) return 0;
  return versionAt(packet, packet.payloadOffset, packet.hwProtocol);
}

/**
 * Returns a packet's length before it was truncated, from its IP header: the kernel does not send
 * it, so for anything but IP it is the captured length. The same holds for packets above 64 KiB,
 * whose headers have 0, except for IPv6 with a jumbo payload option.
 *
 * @param packet Any packet with a payload.
 * @returns Length from the payload's start in bytes, never less than was captured.
 */
export function originalLength(packet: RawPacket): number {
  const { bytes, payloadOffset, payloadLength: captured } = packet;
  if (captured >= 4 && isPlainIpv4(packet)) {
    return Math.max(captured, readBe16(bytes, payloadOffset + 2));
  }
  const at = networkOffset(packet);
  const before = at - payloadOffset;
  const left = captured - before;
  if (left <= 0) return captured;
  switch (versionAt(packet, at, networkType(packet, at))) {
    case 4:
      return left < 4 ? captured : Math.max(captured, before + readBe16(bytes, at + 2));
    case 6:
      if (left < 6) return captured;
      // A jumbogram may claim more than files and tables have room for.
      return Math.min(
        Math.max(captured, before + IPV6_HEADER + ipv6PayloadLength(bytes, at, at + left)),
        LENGTH_MAX,
      );
    default:
      return captured;
  }
}

/**
 * Returns whether a packet with a payload is of the most common kind: family, EtherType and version
 * all are IPv4.
 */
export function isPlainIpv4({ bytes, family, hwProtocol, payloadOffset }: RawPacket): boolean {
  return family === NFPROTO_IPV4 && hwProtocol === ETH_P_IP && bytes[payloadOffset]! >> 4 === 4;
}

/** Returns the version on which the metadata and the header's first 4 bits agree. */
function versionAt(packet: RawPacket, at: number, etherType: number): 0 | 4 | 6 {
  const { family } = packet;
  const nibble = packet.bytes[at]! >> 4;
  if (nibble === 4 && (family === NFPROTO_IPV4 || etherType === ETH_P_IP)) return 4;
  if (nibble === 6 && (family === NFPROTO_IPV6 || etherType === ETH_P_IPV6)) return 6;
  return 0;
}
