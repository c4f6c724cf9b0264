/** Finds the first header of a stored packet: rows do not tell which it is. */

import { ABSENT } from "../../packet/absent.ts";
import { ipv4Text, ipv6Text } from "../../packet/address.ts";
import { isVlan, VLAN_TAG } from "../../packet/encapsulation.ts";
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6, ETH_P_RARP } from "../../packet/ether_types.ts";
import { ETH_HLEN } from "../../packet/network.ts";
import { readBe16 } from "../../bytes/memory.ts";

/** Facts of a packet's row. */
export interface Known {
  /** EtherType that the kernel gave. */
  etherType?: number | undefined;
  /** Sender's address. */
  source?: string | undefined;
}

/** The first header. */
export interface Start {
  /** Whether it is an Ethernet header. */
  hasEthernet: boolean;
  /** EtherType of the first header, where it is not Ethernet. */
  type: number;
}

/**
 * Finds the first header. Most packets begin with the network header; those of netdev rules at
 * egress and of ARP rules at output with an Ethernet header. A frame with a VLAN tag begins with
 * the tag, or behind it, where the link header that the kernel sends apart holds the tag.
 */
export function startOf(bytes: Uint8Array, { etherType, source }: Known): Start {
  const plain = (type: number): Start => ({ hasEthernet: false, type });
  if (etherType === undefined) return plain(versionType(bytes, 0));
  const framed = typeBehindEthernet(bytes);
  const isFrame = framed === etherType || isVlan(framed);
  if (isVlan(etherType)) {
    const tagged = bytes.length >= VLAN_TAG ? readBe16(bytes, 2) : ABSENT;
    if (isAt(bytes, VLAN_TAG, tagged, source)) return plain(etherType);
    const inner = versionType(bytes, 0);
    if (isAt(bytes, 0, inner, source)) return plain(inner);
    return isFrame ? { hasEthernet: true, type: etherType } : plain(etherType);
  }
  const version = versionType(bytes, 0);
  // Rules of the other family may log, too; the sender's address tells.
  if (version !== etherType && source !== undefined && isAt(bytes, 0, version, source)) {
    return plain(version);
  }
  const isFramed = isFrame && (!isAt(bytes, 0, etherType, source) ||
    (!isVlan(framed) && isAt(bytes, ETH_HLEN, framed, source)));
  return isFramed ? { hasEthernet: true, type: etherType } : plain(etherType);
}

/** Returns whether a header of a type can begin at an offset, and has the sender's address. */
function isAt(bytes: Uint8Array, at: number, type: number, source: string | undefined): boolean {
  if (at >= bytes.length) return false;
  switch (type) {
    case ETH_P_IP:
      if (bytes[at]! >> 4 !== 4 || (bytes[at]! & 0xf) < 5) return false;
      return source === undefined || at + 16 > bytes.length || ipv4Text(bytes, at + 12) === source;
    case ETH_P_IPV6:
      if (bytes[at]! >> 4 !== 6) return false;
      return source === undefined || at + 24 > bytes.length || ipv6Text(bytes, at + 8) === source;
    case ETH_P_ARP:
    case ETH_P_RARP:
      return at + 8 <= bytes.length && bytes[at] === 0 && bytes[at + 6] === 0;
    default:
      return isVlan(type);
  }
}

/** Returns the EtherType of IP by the version in its first byte. */
function versionType(bytes: Uint8Array, at: number): number {
  const version = at < bytes.length ? bytes[at]! >> 4 : 0;
  return version === 4 ? ETH_P_IP : version === 6 ? ETH_P_IPV6 : ABSENT;
}

function typeBehindEthernet(bytes: Uint8Array): number {
  return bytes.length >= ETH_HLEN ? readBe16(bytes, ETH_HLEN - 2) : ABSENT;
}
