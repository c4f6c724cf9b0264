/**
 * Where the headers of a packet begin and end: numbers only, so that a filter
 * which asks for one port pays for little else.
 *
 * @module
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

/** Stands for the end of a packet whose length nothing tells. */
export const UNSTATED = 0x3fffffff;

/** Names of the layers, as the getters of a packet have them. */
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

/** Why a header could not be decoded. */
export interface Defect {
  /** The layer, named as the packet's getter. */
  readonly layer: LayerName;
  /** Whether the capture ended before the header did, or the header contradicts itself or the packet. */
  readonly kind: "truncated" | "malformed";
}

/** The places of a packet's headers. All offsets are in `bytes`. */
export class Layers {
  /** The memory. */
  bytes!: Uint8Array;
  /** First byte of the network header. */
  at = 0;
  /** Behind the last byte that was captured and belongs to the packet. */
  end = 0;
  /** Behind the packet's last byte as its IP header states it, else {@linkcode UNSTATED}. */
  stated = UNSTATED;
  /** The network header that is there. */
  network: Network = 0;
  /** IANA protocol number of what IP carries. */
  protocol: number = ABSENT;
  /** First byte of what IP carries. */
  offset: number = ABSENT;
  /** Bytes from the start of the unfragmented packet. */
  fragmentOffset = 0;
  /** Whether fragments of the same packet follow. */
  moreFragments = false;
  /** First byte of the outermost authentication header. */
  ah: number = ABSENT;
  /** What is wrong up to the network header and its extensions. */
  defect: Defect | undefined = undefined;

  /**
   * Finds the headers.
   *
   * @param bytes The memory.
   * @param at Where the network header begins.
   * @param end Where the captured bytes end.
   * @param expected What the network header should be.
   */
  constructor(bytes: Uint8Array, at: number, end: number, expected: Network) {
    this.reset(bytes, at, end, expected);
  }

  /** Finds the headers of another packet, in the same memory as before; see the constructor. */
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
   * Where a header above IP begins.
   *
   * @param protocol Its IANA protocol number.
   * @param least So many bytes of it must have been captured.
   * @returns Its offset; {@linkcode ABSENT} in packets of other protocols, in
   * later fragments, and where it was cut.
   */
  find(protocol: number, least: number): number {
    if (this.protocol !== protocol || this.fragmentOffset !== 0) return ABSENT;
    return this.offset + least <= this.end ? this.offset : ABSENT;
  }

  /** What it is called that the packet has no room for a header up to `needed`. */
  shortage(needed: number): Defect["kind"] {
    return needed > this.stated ? "malformed" : "truncated";
  }

  /** Notes that the packet has no room for a header up to `needed`. */
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
    // Devices that offload leave 0 in packets above 64 KiB: the length is not known then.
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

  /** Passes over one extension header, as far as it was captured; false at the chain's end. */
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
