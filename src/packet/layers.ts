/**
 * Finds the offsets of a packet's headers: numbers only, so that a filter that checks one port does
 * little else.
 */

import { AH_HEADER, ahLength } from "./ah.ts";
import { ARP_HEADER, arpLength } from "./arp.ts";
import { IPV4_HEADER, IPV6_HEADER } from "./ip_sizes.ts";
import { isExtension } from "./ipv6_extension.ts";
import { ipv6PayloadLength } from "./jumbogram.ts";
import { readBe16 } from "../bytes/memory.ts";
import { ARP, type Network } from "./network_kind.ts";
import { IPPROTO_AH, IPPROTO_FRAGMENT } from "./protocols.ts";
import { ABSENT } from "./absent.ts";

/** End of a packet whose length is unknown. */
export const UNSTATED = 0x3fffffff;

/** Names of the layers, which are those of a packet's getters. */
export type LayerName =
  | "vlan"
  | "arp"
  | "ipv4"
  | "ipv6"
  | "tcp"
  | "udp"
  | "udplite"
  | "icmp"
  | "icmpv6"
  | "sctp"
  | "dccp"
  | "ah"
  | "esp"
  | "gre"
  | "igmp";

/** Reason why a header could not be decoded. */
export interface Defect {
  /** The layer, by the name of the packet's getter. */
  readonly layer: LayerName;
  /**
   * Whether the capture ended before the header did, or the header contradicts itself or the
   * packet.
   */
  readonly kind: "truncated" | "malformed";
}

/** Offsets of a packet's headers in `bytes`. */
export class Layers {
  /** The memory. */
  bytes!: Uint8Array;
  /** Offset of the network header. */
  at = 0;
  /** Offset after the last captured byte of the packet. */
  end = 0;
  /** Offset after the packet's last byte according to its IP header, else {@linkcode UNSTATED}. */
  stated = UNSTATED;
  /** Kind of the network header. */
  network: Network = 0;
  /** IANA protocol number of IP's payload. */
  protocol: number = ABSENT;
  /** Offset of IP's payload. */
  offset: number = ABSENT;
  /** Offset in the unfragmented packet, in bytes. */
  fragmentOffset = 0;
  /** Whether more fragments of the same packet follow. */
  moreFragments = false;
  /** Offset of the outermost authentication header. */
  ah: number = ABSENT;
  /** Defect of the network header and its extensions. */
  defect: Defect | undefined = undefined;

  /**
   * Finds the headers.
   *
   * @param bytes The memory.
   * @param at Offset of the network header.
   * @param end Offset after the captured bytes.
   * @param expected Expected kind of the network header.
   */
  constructor(bytes: Uint8Array, at: number, end: number, expected: Network) {
    this.reset(bytes, at, end, expected);
  }

  /** Finds the headers of another packet in the same object; see the constructor. */
  reset(bytes: Uint8Array, at: number, end: number, expected: Network): void {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.stated = UNSTATED;
    this.network = 0;
    this.protocol = ABSENT;
    this.offset = ABSENT;
    this.fragmentOffset = 0;
    this.moreFragments = false;
    this.ah = ABSENT;
    this.defect = undefined;
    if (expected === 4) this.#ipv4();
    else if (expected === 6) this.#ipv6();
    else if (expected === ARP) this.#arp();
  }

  /**
   * Returns the offset of a header above IP.
   *
   * @param protocol Its IANA protocol number.
   * @param least The number of its bytes that must have been captured.
   * @returns Its offset; {@linkcode ABSENT} for other protocols, in later fragments, and if it is
   *   truncated.
   */
  find(protocol: number, least: number): number {
    if (this.protocol !== protocol || this.fragmentOffset !== 0) return ABSENT;
    return this.offset + least <= this.end ? this.offset : ABSENT;
  }

  /** Returns the kind of defect of a packet that is too short for a header up to `needed`. */
  shortage(needed: number): Defect["kind"] {
    return needed > this.stated ? "malformed" : "truncated";
  }

  /** Records that the packet is too short for a header up to `needed`. */
  fail(layer: LayerName, needed: number): void {
    this.defect = { layer, kind: this.shortage(needed) };
  }

  #arp(): void {
    const { bytes, at, end } = this;
    const known = at + ARP_HEADER <= end;
    const length = known ? arpLength(bytes, at) : ARP_HEADER;
    if (length === 0) this.defect = { layer: "arp", kind: "malformed" };
    else if (at + length > end) this.fail("arp", at + length);
    else this.network = ARP;
  }

  #ipv4(): void {
    const { bytes, at } = this;
    const captured = this.end - at;
    const first = captured > 0 ? bytes[at]! : 0x45;
    const total = captured < 4 ? 0 : readBe16(bytes, at + 2);
    const length = (first & 0xf) * 4;
    // Devices with offload leave 0 in packets above 64 KiB: the length is then unknown.
    if (total !== 0) this.stated = at + total;
    if (first >> 4 !== 4 || length < IPV4_HEADER || at + length > this.stated) {
      this.defect = { layer: "ipv4", kind: "malformed" };
      return;
    }
    if (captured < IPV4_HEADER) return this.fail("ipv4", at + IPV4_HEADER);
    this.network = 4;
    if (this.stated < this.end) this.end = this.stated;
    const fragment = readBe16(bytes, at + 6);
    this.fragmentOffset = (fragment & 0x1fff) * 8;
    this.moreFragments = (fragment & 0x2000) !== 0;
    this.protocol = bytes[at + 9]!;
    this.offset = at + length;
    if (this.offset > this.end) return this.fail("ipv4", this.offset);
    while (this.protocol === IPPROTO_AH && this.fragmentOffset === 0 && this.#extension());
  }

  #ipv6(): void {
    const { bytes, at } = this;
    const captured = this.end - at;
    const length = captured < 6 ? 0 : ipv6PayloadLength(bytes, at, this.end);
    if (length !== 0) this.stated = at + IPV6_HEADER + length;
    if (captured > 0 && bytes[at]! >> 4 !== 6) {
      this.defect = { layer: "ipv6", kind: "malformed" };
      return;
    }
    if (captured < IPV6_HEADER) return this.fail("ipv6", at + IPV6_HEADER);
    this.network = 6;
    if (this.stated < this.end) this.end = this.stated;
    this.protocol = bytes[at + 6]!;
    this.offset = at + IPV6_HEADER;
    while (isExtension(this.protocol) && this.fragmentOffset === 0 && this.#extension());
  }

  /** Skips one captured extension header; returns false at the chain's end. */
  #extension(): boolean {
    const { bytes, protocol, offset: at } = this;
    const layer = protocol === IPPROTO_AH ? "ah" : this.network === 4 ? "ipv4" : "ipv6";
    const least = protocol === IPPROTO_AH ? AH_HEADER : 8;
    let length = 8;
    if (at + least > this.end) {
      this.fail(layer, at + least);
      return false;
    }
    if (protocol === IPPROTO_FRAGMENT) {
      const fragment = readBe16(bytes, at + 2);
      this.fragmentOffset = fragment & 0xfff8;
      this.moreFragments = (fragment & 1) !== 0;
    } else if (protocol === IPPROTO_AH) {
      length = ahLength(bytes, at);
      if (length < AH_HEADER) {
        this.defect = { layer, kind: "malformed" };
        return false;
      }
      if (this.ah === ABSENT && at + length <= this.stated) this.ah = at;
    } else {
      length = (bytes[at + 1]! + 1) * 8;
    }
    this.protocol = bytes[at]!;
    this.offset = at + length;
    if (this.offset <= this.end) return true;
    this.fail(layer, this.offset);
    return false;
  }
}
