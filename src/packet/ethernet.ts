/** The Ethernet header and the VLAN tags of a frame (IEEE 802.3, IEEE 802.1Q). */

import { hardwareText } from "./address.ts";
import { readBe16 } from "../bytes/memory.ts";
import { isVlan, VLAN_TAG } from "./encapsulation.ts";
import { ETH_HLEN, ethernetInPayload, linkHeaderInPayload, payloadType } from "./network.ts";
import type { RawPacket } from "./raw_packet.ts";
import { ABSENT } from "./absent.ts";

/** `ARPHRD_ETHER` (linux/if_arp.h) */
const ARPHRD_ETHER = 1;
/** `ARPHRD_LOOPBACK` (linux/if_arp.h): the loopback device writes Ethernet headers, too. */
const ARPHRD_LOOPBACK = 772;

/** A VLAN tag (IEEE 802.1Q). */
export interface VlanTag {
  /** EtherType of the tag: 0x8100, or 0x88a8 for a service tag. */
  readonly protocol: number;
  /** VLAN identifier, 0 to 4095. */
  readonly id: number;
  /** Priority code point, 0 to 7. */
  readonly priority: number;
  /** Whether the frame may be dropped before others. */
  readonly dropEligible: boolean;
}

/** Decodes a VLAN tag. */
export function vlanTag(protocol: number, tci: number): VlanTag {
  return { protocol, id: tci & 0xfff, priority: tci >> 13, dropEligible: (tci & 0x1000) !== 0 };
}

/** A view of an Ethernet header. */
export class EthernetHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Creates a view of a header of at least 14 bytes. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Destination address, such as `02:00:5e:10:00:01`. */
  get destination(): string {
    return hardwareText(this.#bytes, this.#at, 6);
  }

  /** Source address. */
  get source(): string {
    return hardwareText(this.#bytes, this.#at + 6, 6);
  }

  /** EtherType of the payload, such as 0x0800, or 0x8100 for a VLAN tag; below 0x0600 a length. */
  get etherType(): number {
    return readBe16(this.#bytes, this.#at + 12);
  }
}

/**
 * Returns the packet's Ethernet header; undefined if the link has another type or the kernel did
 * not send the header.
 */
export function ethernetOf(packet: RawPacket): EthernetHeader | undefined {
  const at = ethernetAt(packet);
  return at === ABSENT ? undefined : new EthernetHeader(packet.bytes, at);
}

/** The most VLAN tags of a packet that are listed; frames have two at the most. */
export const TAGS_MAX = 64;

/**
 * Returns the tag that the device removed and those left in the frame, from the outermost inwards:
 * at most {@linkcode TAGS_MAX}.
 */
export function vlansOf(packet: RawPacket): VlanTag[] {
  const tags = new Uint32Array(TAGS_MAX);
  const count = readVlans(packet, tags);
  return Array.from(tags.subarray(0, count), (tag) => vlanTag(tag >>> 16, tag & 0xffff));
}

/**
 * Reads the same tags without an object for each.
 *
 * @param packet Any packet.
 * @param tags Is filled with the tags: the EtherType in the upper 16 bits, the tag in the lower ones.
 * @returns Number of tags; others than the first `tags.length` are passed over.
 */
export function readVlans(packet: RawPacket, tags: Uint32Array): number {
  const { bytes, vlanProtocol, vlanTci, payloadOffset, payloadLength } = packet;
  let count = 0;
  if (vlanProtocol !== ABSENT && vlanTci !== ABSENT) {
    tags[count++] = vlanProtocol << 16 | vlanTci;
  }
  const link = deviceEthernetAt(packet);
  if (link !== ABSENT) {
    const end = linkHeaderOffset(packet) + linkHeaderLength(packet);
    count = follow(bytes, readBe16(bytes, link + 12), link + ETH_HLEN, end, tags, count);
  }
  if (payloadLength === ABSENT) return count;
  const at = payloadOffset + linkHeaderInPayload(packet);
  return follow(bytes, payloadType(packet), at, payloadOffset + payloadLength, tags, count);
}

/** Reads tags behind the first `count`; each is followed by the next EtherType. */
function follow(
  bytes: Uint8Array,
  type: number,
  at: number,
  end: number,
  tags: Uint32Array,
  count: number,
): number {
  while (isVlan(type) && at + VLAN_TAG <= end && count < tags.length) {
    tags[count++] = type << 16 | readBe16(bytes, at);
    type = readBe16(bytes, at + 2);
    at += VLAN_TAG;
  }
  return count;
}

/**
 * Returns the offset of the Ethernet header in the packet's memory; {@linkcode ABSENT} if there is
 * none.
 */
export function ethernetAt(packet: RawPacket): number {
  const at = deviceEthernetAt(packet);
  return at === ABSENT ? ethernetInPayload(packet) : at;
}

/** Returns the offset of the Ethernet header that the kernel sent as an attribute. */
function deviceEthernetAt(packet: RawPacket): number {
  const { hwType } = packet;
  const isEthernet = hwType === ABSENT || hwType === ARPHRD_ETHER || hwType === ARPHRD_LOOPBACK;
  return isEthernet && linkHeaderLength(packet) >= ETH_HLEN ? linkHeaderOffset(packet) : ABSENT;
}

function linkHeaderOffset(packet: RawPacket): number {
  return packet.hwHeaderLength === ABSENT ? packet.l2HeaderOffset : packet.hwHeaderOffset;
}

function linkHeaderLength(packet: RawPacket): number {
  return packet.hwHeaderLength === ABSENT ? packet.l2HeaderLength : packet.hwHeaderLength;
}
