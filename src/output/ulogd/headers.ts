/**
 * Headers as ulogd's plugin BASE finds them. It differs from `src/packet/` where headers are cut,
 * wrong or fragments.
 */

import { readBe16 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";

const NFPROTO_IPV4 = 2;
const NFPROTO_BRIDGE = 7;
const NFPROTO_IPV6 = 10;
const ETH_P_IP = 0x0800;
const ETH_P_ARP = 0x0806;
const ETH_P_IPV6 = 0x86dd;

const IPPROTO_HOPOPTS = 0;
const IPPROTO_ROUTING = 43;
const IPPROTO_FRAGMENT = 44;
const IPPROTO_ESP = 50;
const IPPROTO_AH = 51;
const IPPROTO_DSTOPTS = 60;

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;
/** Size of an ARP packet for Ethernet and IPv4, in bytes. */
const ARP_LENGTH = 28;
/** Offset bits of an IPv6 fragment header's third and fourth byte. */
const IP6F_OFF_MASK = 0xfff8;

/** Network header that was found. */
export type NetworkHeader = "none" | "ipv4" | "ipv6" | "arp";

/** Offsets and numbers of one packet's headers; filled in anew for each packet. */
export class UlogdHeaders {
  /** The network header, at the payload's offset. */
  network: NetworkHeader = "none";
  /** Protocol above IP; {@linkcode ABSENT} if BASE does not set `ip.protocol`. */
  protocol = ABSENT;
  /** Offset of the transport header. */
  transport = 0;
  /** Bytes from there on. */
  transportLength = 0;
  /** Value of `ip6.nexthdr`; {@linkcode ABSENT} for none. */
  nextHeader = ABSENT;
  /** Offset of the last IPv6 fragment header; {@linkcode ABSENT} for none. */
  fragment = ABSENT;

  /** Finds the headers of a packet. */
  find(packet: RawPacket): void {
    const { bytes, payloadOffset: at } = packet;
    const end = at + Math.max(packet.payloadLength, 0);
    this.network = "none";
    this.protocol = ABSENT;
    this.nextHeader = ABSENT;
    this.fragment = ABSENT;
    switch (etherTypeOf(packet)) {
      case ETH_P_IP:
        return this.#ipv4(bytes, at, end);
      case ETH_P_IPV6:
        return this.#ipv6(bytes, at, end);
      case ETH_P_ARP:
        if (end - at >= ARP_LENGTH) this.network = "arp";
    }
  }

  #ipv4(bytes: Uint8Array, at: number, end: number): void {
    const transport = at + (bytes[at]! & 0xf) * 4;
    // A header that nothing follows is ignored.
    if (end - at < IPV4_HEADER || end <= transport) return;
    this.network = "ipv4";
    this.protocol = bytes[at + 9]!;
    this.transport = transport;
    this.transportLength = end - transport;
  }

  #ipv6(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < IPV6_HEADER) return;
    this.network = "ipv6";
    let at = start + IPV6_HEADER;
    let next = bytes[start + 6]!;
    let isLater = false;
    for (let length; (length = extensionLength(bytes, at, next)) !== ABSENT; at += length) {
      if (end - at < 2) return;
      if (isLater && next !== IPPROTO_FRAGMENT) break;
      if (end - at < length) return;
      if (next === IPPROTO_ESP) break;
      if (next === IPPROTO_FRAGMENT) {
        this.fragment = at;
        isLater ||= (readBe16(bytes, at + 2) & IP6F_OFF_MASK) !== 0;
      }
      next = bytes[at]!;
    }
    this.nextHeader = next;
    if (isLater || next === IPPROTO_ESP) return;
    this.protocol = next;
    this.transport = at;
    this.transportLength = end - at;
  }
}

/** Returns the EtherType that BASE goes by; {@linkcode ABSENT} for other families. */
function etherTypeOf({ family, hwProtocol }: RawPacket): number {
  switch (family) {
    case NFPROTO_IPV4:
      return ETH_P_IP;
    case NFPROTO_IPV6:
      return ETH_P_IPV6;
    case NFPROTO_BRIDGE:
      return hwProtocol;
    default:
      return ABSENT;
  }
}

/** Returns the length of an extension header; {@linkcode ABSENT} if the protocol is not one. */
function extensionLength(bytes: Uint8Array, at: number, protocol: number): number {
  switch (protocol) {
    case IPPROTO_FRAGMENT:
      return FRAGMENT_HEADER;
    case IPPROTO_HOPOPTS:
    case IPPROTO_ROUTING:
    case IPPROTO_DSTOPTS:
      return (bytes[at + 1]! + 1) * 8;
    case IPPROTO_AH:
    case IPPROTO_ESP: // its SPI is read as in an AH
      return (bytes[at + 1]! + 2) * 4;
    default:
      return ABSENT;
  }
}
