/** Finds headers between the link header and IP: VLAN tags, PPPoE, MPLS labels. */

import { readBe16, readBe32 } from "../../../bytes/memory.ts";
import {
  isVlan,
  PPPOE_HEADER,
  pppProtocolLength,
  pppType,
  VLAN_TAG,
} from "../../../packet/encapsulation.ts";
import { ETH_P_MPLS_MC, ETH_P_MPLS_UC, ETH_P_PPP_SES } from "../../../packet/ether_types.ts";
import { readVlans, TAGS_MAX } from "../../../packet/ethernet.ts";
import { ETH_HLEN, linkHeaderInPayload, payloadType } from "../../../packet/network.ts";
import type { RawPacket } from "../../../packet/raw_packet.ts";
import type { TagName } from "../syntax.ts";

/** Means any identifier of a tag. */
export const ANY_ID = -1;
/** Means no EtherType. */
const NO_TYPE = -2;
/** Bit of an MPLS label: no other follows. */
const BOTTOM_OF_STACK = 0x100;
const tags = new Uint32Array(TAGS_MAX);

/**
 * Returns whether a packet has a tag.
 *
 * @param id VLAN id, MPLS label or PPPoE session, or {@linkcode ANY_ID}.
 */
export function hasTag(packet: RawPacket, tag: TagName, id: number): boolean {
  if (isWholeFrame(packet)) return walk(packet, tag, id, NO_TYPE);
  if (tag === "vlan") {
    const count = readVlans(packet, tags);
    for (let i = 0; i < count; i++) if (id === ANY_ID || (tags[i]! & 0xfff) === id) return true;
    return false;
  }
  return walk(packet, tag, id, NO_TYPE);
}

/** Returns whether an EtherType announces one of the headers before the network header. */
export function hasOuterType(packet: RawPacket, type: number): boolean {
  return packet.vlanProtocol === type || walk(packet, undefined, ANY_ID, type);
}

/** Returns whether all of the frame is in one piece, as in capture files. */
function isWholeFrame({ hwHeaderLength, hwHeaderOffset, start }: RawPacket): boolean {
  return hwHeaderLength === ETH_HLEN && hwHeaderOffset === start;
}

/** Follows the headers; returns whether a tag, or an EtherType, is among them. */
function walk(packet: RawPacket, tag: TagName | undefined, id: number, wanted: number): boolean {
  const { bytes, hwHeaderOffset, payloadOffset, payloadLength } = packet;
  const isWhole = isWholeFrame(packet);
  const end = payloadOffset + payloadLength;
  let type = isWhole ? readBe16(bytes, hwHeaderOffset + ETH_HLEN - 2) : payloadType(packet);
  let at = isWhole ? hwHeaderOffset + ETH_HLEN : payloadOffset + linkHeaderInPayload(packet);
  for (;;) {
    if (type === wanted) return true;
    if (isVlan(type)) {
      if (at + VLAN_TAG > end) return false;
      if (tag === "vlan" && isOf(readBe16(bytes, at) & 0xfff, id)) return true;
      type = readBe16(bytes, at + 2);
      at += VLAN_TAG;
    } else if (type === ETH_P_PPP_SES) {
      if (at + PPPOE_HEADER >= end) return false;
      if (tag === "pppoes" && isOf(readBe16(bytes, at + 2), id)) return true;
      at += PPPOE_HEADER;
      if (at + pppProtocolLength(bytes, at) > end) return false;
      type = pppType(bytes, at);
      at += pppProtocolLength(bytes, at);
    } else {
      return tag === "mpls" && (type === ETH_P_MPLS_UC || type === ETH_P_MPLS_MC) &&
        hasLabel(bytes, at, end, id);
    }
  }
}

function hasLabel(bytes: Uint8Array, at: number, end: number, id: number): boolean {
  for (; at + 4 <= end; at += 4) {
    const label = readBe32(bytes, at);
    if (isOf(label >>> 12, id)) return true;
    if ((label & BOTTOM_OF_STACK) !== 0) return false;
  }
  return false;
}

function isOf(found: number, id: number): boolean {
  return id === ANY_ID || found === id;
}
