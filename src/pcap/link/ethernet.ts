/**
 * Writes packets of link type Ethernet: with the header from the kernel, or one built from the
 * known fields.
 */

import { originalLength } from "../../packet/ip.ts";
import { readBe16 } from "../../bytes/memory.ts";
import { isEncapsulation, isVlan, leadsTo, VLAN_TAG } from "../../packet/encapsulation.ts";
import { ETH_P_ARP, ETH_P_IP, ETH_P_IPV6 } from "../../packet/ether_types.ts";
import {
  ETH_HLEN,
  ethernetInPayload,
  linkHeaderInPayload,
  NFPROTO_ARP,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  payloadType,
} from "../../packet/network.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { ABSENT } from "../../packet/absent.ts";
import { Copier, writeBe16 } from "../../bytes/write.ts";
import { type Framing, SNAPLEN } from "./framing.ts";

/** `ARPHRD_ETHER` (linux/if_arp.h) */
const ARPHRD_ETHER = 1;
/** `ARPHRD_LOOPBACK` (linux/if_arp.h): the loopback device writes Ethernet headers, too. */
const ARPHRD_LOOPBACK = 772;
/** `ETH_ALEN` (linux/if_ether.h) */
const ETH_ALEN = 6;
/** Size of both addresses in bytes; VLAN tags follow them. */
const ADDRESSES = 2 * ETH_ALEN;
/** `ETH_P_802_3_MIN` (linux/if_ether.h): smaller values are lengths, not EtherTypes. */
const ETH_P_802_3_MIN = 0x0600;
/** `ETH_DATA_LEN` (linux/if_ether.h): the largest such length, in bytes. */
const ETH_DATA_LEN = 1500;

/** Frames with an Ethernet header. Every packet can be written. */
export class EthernetFraming implements Framing {
  /** Original length of the packet measured last, in bytes. */
  original = 0;
  /** Offset of the kernel's header in the packet's memory; {@linkcode ABSENT} if one is built. */
  #header = ABSENT;
  /** Size of the header without an inserted tag, in bytes. */
  #headerLength = 0;
  /** Whether the header reaches to the payload as on the wire. */
  #isWhole = false;
  /** Whether the tag that the device removed is put back. */
  #tagged = false;
  /** The EtherType that ends the header; {@linkcode ABSENT} if the header's own one is valid. */
  #type = ABSENT;
  #bodyOffset = 0;
  #bodyLength = 0;
  readonly #copier = new Copier();

  /** Measures a packet. */
  measure(packet: RawPacket): number {
    const skip = linkHeaderInPayload(packet);
    const payload = Math.max(packet.payloadLength, 0);
    const body = Math.max(payload - skip, 0);
    this.#tagged = packet.vlanProtocol !== ABSENT && packet.vlanTci !== ABSENT;
    this.#bodyOffset = packet.payloadOffset + skip;
    this.#findHeader(packet);
    this.#findType(packet);
    const before = this.#headerLength + (this.#tagged ? VLAN_TAG : 0);
    const original = payload > 0 ? Math.max(originalLength(packet) - skip, body) : 0;
    if (this.#type >= 0 && this.#type < ETH_P_802_3_MIN) {
      this.#type = Math.min(original, ETH_DATA_LEN);
    }
    this.#bodyLength = Math.min(body, SNAPLEN - before);
    this.original = before + original;
    return before + this.#bodyLength;
  }

  /** Writes the packet measured last. */
  write(packet: RawPacket, out: Uint8Array, at: number): void {
    const { bytes } = packet;
    if (this.#header === ABSENT) writeAddresses(packet, out, at);
    else this.#copier.copy(out, at, bytes, this.#header, ADDRESSES);
    let to = at + ADDRESSES;
    if (this.#tagged) {
      writeBe16(out, to, packet.vlanProtocol);
      writeBe16(out, to + 2, packet.vlanTci);
      to += VLAN_TAG;
    }
    // The rest of the header: tags that stayed in the frame, and the EtherType.
    const rest = this.#headerLength - ADDRESSES;
    if (this.#header !== ABSENT) this.#copier.copy(out, to, bytes, this.#header + ADDRESSES, rest);
    to += rest;
    if (this.#type !== ABSENT) writeBe16(out, to - 2, this.#type);
    this.#copier.copy(out, to, bytes, this.#bodyOffset, this.#bodyLength);
  }

  /** Finds the kernel's header and its length. */
  #findHeader(packet: RawPacket): void {
    const { hwHeaderOffset, hwHeaderLength, l2HeaderOffset, l2HeaderLength } = packet;
    this.#header = ethernetInPayload(packet);
    this.#headerLength = ETH_HLEN;
    this.#isWhole = false;
    if (!isEthernet(packet.hwType)) return;
    if (l2HeaderLength >= ETH_HLEN) {
      // All bytes before the payload.
      this.#header = l2HeaderOffset;
      this.#headerLength = Math.min(l2HeaderLength, SNAPLEN - VLAN_TAG);
    } else if (hwHeaderLength >= ETH_HLEN) {
      // The header length that the device claims may reach into the payload.
      this.#header = hwHeaderOffset;
      const whole = lengthBefore(packet);
      this.#isWhole = whole > 0;
      if (this.#isWhole) this.#tagged = false;
      this.#headerLength = this.#isWhole
        ? whole
        : lengthWithTags(packet.bytes, hwHeaderOffset, hwHeaderOffset + hwHeaderLength);
    }
  }

  /** Finds the EtherType that must end the header, if it is not there already. */
  #findType(packet: RawPacket): void {
    const type = typeOf(packet);
    if (this.#header === ABSENT) {
      this.#type = Math.max(type, 0);
      return;
    }
    if (this.#isWhole) {
      this.#type = ABSENT;
      return;
    }
    // A header may announce a tag, PPPoE or MPLS that the payload does not begin with: it was
    // removed.
    const own = readBe16(packet.bytes, this.#header + this.#headerLength - 2);
    const isOff = isEncapsulation(own) && type !== ABSENT && !isEncapsulation(type);
    this.#type = isOff ? type : ABSENT;
  }
}

function isEthernet(hwType: number): boolean {
  return hwType === ABSENT || hwType === ARPHRD_ETHER || hwType === ARPHRD_LOOPBACK;
}

/**
 * Returns the size of the header if a frame lies in memory as on the wire, including tags, PPPoE
 * and MPLS before the payload, as in a capture file; else 0.
 */
function lengthBefore({ bytes, hwHeaderOffset, payloadOffset, payloadLength }: RawPacket): number {
  const start = hwHeaderOffset + ETH_HLEN;
  if (payloadLength === ABSENT || payloadOffset <= start || payloadOffset > bytes.length) return 0;
  const type = readBe16(bytes, start - 2);
  const end = payloadOffset + payloadLength;
  return leadsTo(bytes, type, start, end, payloadOffset) ? payloadOffset - hwHeaderOffset : 0;
}

/** Returns the size of a header with the tags that lie before an end. */
function lengthWithTags(bytes: Uint8Array, start: number, end: number): number {
  let at = start + ETH_HLEN;
  while (isVlan(readBe16(bytes, at - 2)) && at + VLAN_TAG <= end) at += VLAN_TAG;
  return at - start;
}

/**
 * Returns the EtherType of the payload after any link header; {@linkcode ABSENT} if it is not
 * known.
 */
function typeOf(packet: RawPacket): number {
  switch (packet.family) {
    case NFPROTO_IPV4:
      return ETH_P_IP;
    case NFPROTO_IPV6:
      return ETH_P_IPV6;
    case NFPROTO_ARP:
      return packet.hwProtocol === ABSENT ? ETH_P_ARP : packet.hwProtocol;
    default:
      return payloadType(packet);
  }
}

/** Writes the sender's address if it is known; zeros for unknown ones. */
function writeAddresses(packet: RawPacket, out: Uint8Array, at: number): void {
  for (let i = 0; i < ADDRESSES; i++) out[at + i] = 0;
  if (packet.hwAddressLength !== ETH_ALEN) return;
  const { bytes, hwAddressOffset } = packet;
  for (let i = 0; i < ETH_ALEN; i++) out[at + ETH_ALEN + i] = bytes[hwAddressOffset + i]!;
}
