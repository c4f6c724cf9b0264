/**
 * The Ethernet header and the VLAN tags of a frame (IEEE 802.3, IEEE 802.1Q).
 *
 * @module
 */

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

/** Takes a tag apart. */
export function vlanTag(protocol: number, tci: number): VlanTag {
  return { protocol, id: tci & 0xfff, priority: tci >> 13, dropEligible: (tci & 0x1000) !== 0 };
}

/** An Ethernet header, as it lies in memory. */
export class EthernetHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Looks at a header of at least 14 bytes. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** The receiver's address, as in `02:00:5e:10:00:01`. */
  get destination(): string {
    return hardwareText(this.#bytes, this.#at, 6);
  }

  /** The sender's address. */
  get source(): string {
    return hardwareText(this.#bytes, this.#at + 6, 6);
  }

  /** EtherType of what follows, as in 0x0800, or 0x8100 where a VLAN tag follows; below 0x0600 a length. */
  get etherType(): number {
    return readBe16(this.#bytes, this.#at + 12);
  }
}

/** The packet's Ethernet header; undefined where the link header is of another kind or was not sent. */
export function ethernetOf(packet: RawPacket): EthernetHeader | undefined {
  const at = ethernetAt(packet);
  return at === ABSENT ? undefined : new EthernetHeader(packet.bytes, at);
}

/** The tag that the device took off, and those left in the frame, from the outermost inwards. */
export function vlansOf(packet: RawPacket): VlanTag[] {
  const { bytes, vlanProtocol, vlanTci, payloadOffset, payloadLength } = packet;
  const tags: VlanTag[] = [];
  if (vlanProtocol !== ABSENT && vlanTci !== ABSENT) tags.push(vlanTag(vlanProtocol, vlanTci));
  const link = deviceEthernetAt(packet);
  if (link !== ABSENT) {
    const end = linkHeaderOffset(packet) + linkHeaderLength(packet);
    follow(bytes, readBe16(bytes, link + 12), link + ETH_HLEN, end, tags);
  }
  if (payloadLength !== ABSENT) {
    const at = payloadOffset + linkHeaderInPayload(packet);
    follow(bytes, payloadType(packet), at, payloadOffset + payloadLength, tags);
  }
  return tags;
}

/** Collects tags; each is followed by the next EtherType. */
function follow(bytes: Uint8Array, type: number, at: number, end: number, tags: VlanTag[]): void {
  while (isVlan(type) && at + VLAN_TAG <= end) {
    tags.push(vlanTag(type, readBe16(bytes, at)));
    type = readBe16(bytes, at + 2);
    at += VLAN_TAG;
  }
}

/** Where the Ethernet header begins in the packet's memory; {@linkcode ABSENT} where there is none. */
export function ethernetAt(packet: RawPacket): number {
  const at = deviceEthernetAt(packet);
  return at === ABSENT ? ethernetInPayload(packet) : at;
}

/** Where the one begins that the kernel tells of. */
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
