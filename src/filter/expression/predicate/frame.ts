/**
 * View of a packet for predicates: where its headers are, by the bytes alone, as tcpdump sees them.
 * Nothing is allocated.
 */

import { readBe16, readBe32 } from "../../../bytes/memory.ts";
import { ABSENT } from "../../../packet/absent.ts";
import { AH_HEADER, ahLength } from "../../../packet/ah.ts";
import { ETH_P_IP, ETH_P_RARP } from "../../../packet/ether_types.ts";
import { ethernetAt } from "../../../packet/ethernet.ts";
import { originalLength } from "../../../packet/ip.ts";
import { IPV6_HEADER } from "../../../packet/ip_sizes.ts";
import { isExtension } from "../../../packet/ipv6_extension.ts";
import {
  ETH_HLEN,
  networkKind,
  networkOffset,
  networkType,
  NFPROTO_IPV4,
} from "../../../packet/network.ts";
import { ARP } from "../../../packet/network_kind.ts";
import { IPPROTO_AH, IPPROTO_FRAGMENT } from "../../../packet/protocols.ts";
import type { RawPacket } from "../../../packet/raw_packet.ts";
import type { NetworkName } from "../syntax.ts";

/** Kinds of network headers: those of `Network`, and RARP, which has ARP's form. */
export const NetworkCode = { OTHER: 0, ARP, IPV4: 4, RARP: 5, IPV6: 6 } as const;

/** Codes by the names of network headers. */
export const NETWORK_CODES: Readonly<Record<NetworkName, number>> = {
  ip: NetworkCode.IPV4,
  ip6: NetworkCode.IPV6,
  arp: NetworkCode.ARP,
  rarp: NetworkCode.RARP,
};

/** Condition about the packet of a frame. */
export type Test = () => boolean;

const EMPTY = new Uint8Array(0);

/** Packet that a predicate is asked about; one object for all packets. */
export class Frame {
  /** The packet. */
  packet!: RawPacket;
  /** Memory of the packet. */
  bytes: Uint8Array = EMPTY;
  /** Offset of the network header. */
  at = 0;
  /** Offset after the captured bytes. */
  end = 0;
  /** One of {@linkcode NetworkCode}. */
  network = 0;
  /**
   * Whether a byte that was asked for was not captured. The packet is not chosen then, whatever the
   * expression says, as the kernel's packet filter and tcpdump do it.
   */
  isCut = false;
  /** IPv6: protocol and offset after the extension headers, and the fragment's offset in bytes. */
  protocol = 0;
  transport = 0;
  fragmentOffset = 0;
  #isChainKnown = false;

  /** Begins with a packet. */
  begin(packet: RawPacket): void {
    this.packet = packet;
    this.bytes = packet.bytes;
    this.isCut = false;
    this.#isChainKnown = false;
    // In capture files as tcpdump has it: padding after the packet counts as captured.
    this.end = packet.frameLength === ABSENT
      ? packet.payloadOffset + packet.payloadLength
      : packet.end;
    if (packet.family === NFPROTO_IPV4 && packet.hwProtocol === ETH_P_IP) {
      this.at = packet.payloadOffset;
      this.network = NetworkCode.IPV4;
    } else {
      this.#find(packet);
    }
  }

  #find(packet: RawPacket): void {
    const at = networkOffset(packet);
    const kind = networkKind(packet, at);
    this.at = at;
    this.network = kind === ARP && networkType(packet, at) === ETH_P_RARP ? NetworkCode.RARP : kind;
  }

  /** Records that a byte was not captured. */
  cut(): false {
    this.isCut = true;
    return false;
  }

  /** EtherType of the network header; {@linkcode ABSENT} if it is unknown. */
  get etherType(): number {
    return networkType(this.packet, this.at);
  }

  /** Reads a number of 1, 2 or 4 bytes; 0 and a cut if it was not captured. */
  load(at: number, size: 1 | 2 | 4): number {
    if (at + size > this.end || at < 0) {
      this.isCut = true;
      return 0;
    }
    const { bytes } = this;
    if (size === 1) return bytes[at]!;
    return size === 2 ? readBe16(bytes, at) : readBe32(bytes, at);
  }

  /** Reads a number of the frame from its link header on. */
  loadLink(index: number, size: 1 | 2 | 4): number {
    const { packet, bytes } = this;
    const { start } = packet;
    if (packet.hwHeaderLength >= ETH_HLEN && packet.hwHeaderOffset === start) {
      // Header and payload stand in one piece in capture files.
      if (index + size <= packet.end - start) {
        if (size === 1) return bytes[start + index]!;
        return size === 2 ? readBe16(bytes, start + index) : readBe32(bytes, start + index);
      }
      this.isCut = true;
      return 0;
    }
    const header = ethernetAt(packet);
    let value = 0;
    for (let i = index; i < index + size; i++) {
      const at = i < ETH_HLEN && header !== ABSENT
        ? header + i
        : packet.payloadOffset + i - ETH_HLEN;
      if (header === ABSENT || (i >= ETH_HLEN && at >= this.end)) {
        this.isCut = true;
        return 0;
      }
      value = value * 256 + bytes[at]!;
    }
    return value;
  }

  /** Length in bytes: a frame's in a capture file, else from the network header on. */
  get length(): number {
    const { packet } = this;
    if (packet.frameLength !== ABSENT) return packet.frameLength;
    return packet.payloadLength === ABSENT ? 0 : originalLength(packet);
  }

  /** Returns IPv4's protocol; ABSENT and a cut if it was not captured. */
  get ipv4Protocol(): number {
    const at = this.at + 9;
    if (at < this.end) return this.bytes[at]!;
    this.isCut = true;
    return ABSENT;
  }

  /** Finds the end of the extension headers of IPv6; false and a cut if it was not captured. */
  findTransport(): boolean {
    if (this.#isChainKnown) return true;
    const { at } = this;
    if (at + 7 > this.end) return this.cut();
    this.#isChainKnown = true;
    this.fragmentOffset = 0;
    this.protocol = this.bytes[at + 6]!;
    this.transport = at + IPV6_HEADER;
    while (isExtension(this.protocol) && this.fragmentOffset === 0 && this.#skipExtension());
    return true;
  }

  /** Returns whether a protocol is in the chain of IPv6, which was captured up to it. */
  hasInChain(protocol: number): boolean {
    if (!this.findTransport()) return false;
    if (this.protocol === protocol) return true;
    if (!isExtension(protocol)) return false;
    const { transport, protocol: last } = this;
    this.protocol = this.bytes[this.at + 6]!;
    this.transport = this.at + IPV6_HEADER;
    while (this.protocol !== protocol && this.transport < transport && this.#skipExtension());
    const isFound = this.protocol === protocol && this.transport < transport;
    this.protocol = last;
    this.transport = transport;
    return isFound;
  }

  #skipExtension(): boolean {
    const { bytes, transport: at } = this;
    const isAh = this.protocol === IPPROTO_AH;
    if (at + (isAh ? AH_HEADER : 8) > this.end) return false;
    let length = (bytes[at + 1]! + 1) * 8;
    if (this.protocol === IPPROTO_FRAGMENT) {
      this.fragmentOffset = readBe16(bytes, at + 2) & 0xfff8;
      length = 8;
    } else if (isAh) {
      length = ahLength(bytes, at);
      if (length < AH_HEADER) return false;
    }
    this.protocol = bytes[at]!;
    this.transport = at + length;
    return true;
  }
}
