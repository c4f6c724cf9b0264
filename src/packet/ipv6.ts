/** The IPv6 header (RFC 8200 section 3). */

import { ipv6Text } from "./address.ts";
import type { IpHeader } from "./ip.ts";
import { IPV6_HEADER } from "./ip_sizes.ts";
import { type Ipv6Extension, ipv6Extensions } from "./ipv6_extension.ts";
import { ipv6PayloadLength } from "./jumbogram.ts";
import type { Layers } from "./layers.ts";
import { readBe16, readBe32 } from "../bytes/memory.ts";
import { IPPROTO_FRAGMENT } from "./protocols.ts";

/** A view of an IPv6 header in the packet. */
export class Ipv6Header implements IpHeader {
  readonly #layers: Layers;
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Creates a view of a header of 40 bytes and its extensions. */
  constructor(layers: Layers) {
    this.#layers = layers;
    this.#bytes = layers.bytes;
    this.#at = layers.at;
  }

  /** IP version. */
  get version(): 6 {
    return 6;
  }

  /** Traffic class: DSCP and ECN. */
  get trafficClass(): number {
    return readBe16(this.#bytes, this.#at) >> 4 & 0xff;
  }

  /** Differentiated services code point, 0 to 63 (RFC 2474). */
  get dscp(): number {
    return this.trafficClass >> 2;
  }

  /** Explicit congestion notification, 0 to 3 (RFC 3168). */
  get ecn(): number {
    return this.trafficClass & 3;
  }

  /** Flow label, 20 bits (RFC 6437). */
  get flowLabel(): number {
    return readBe32(this.#bytes, this.#at) & 0xfffff;
  }

  /** Payload length in bytes, extension headers included, from the header; 0 in a jumbogram. */
  get payloadLength(): number {
    return readBe16(this.#bytes, this.#at + 4);
  }

  /** Length of the whole packet in bytes, from the header, or from a jumbogram's option. */
  get totalLength(): number {
    const { bytes, at, end } = this.#layers;
    return IPV6_HEADER + ipv6PayloadLength(bytes, at, end);
  }

  /** The header's own field: the type of the next header, an extension header or the protocol. */
  get nextHeader(): number {
    return this.#bytes[this.#at + 6]!;
  }

  /** The protocol of the payload (IANA protocol numbers), after extension headers. */
  get protocol(): number {
    return this.#layers.protocol;
  }

  /** Hop limit. */
  get hopLimit(): number {
    return this.#bytes[this.#at + 7]!;
  }

  /** Source address, such as `2001:db8::1`. */
  get source(): string {
    return ipv6Text(this.#bytes, this.#at + 8);
  }

  /** Destination address. */
  get destination(): string {
    return ipv6Text(this.#bytes, this.#at + 24);
  }

  /** Offset in the unfragmented packet, in bytes; 0 in an unfragmented packet. */
  get fragmentOffset(): number {
    return this.#layers.fragmentOffset;
  }

  /** Whether more fragments of the same packet follow this one. */
  get moreFragments(): boolean {
    return this.#layers.moreFragments;
  }

  /** Identification, the same in all fragments of a packet; absent in an unfragmented packet. */
  get identification(): number | undefined {
    const fragment = this.extensions.find(({ type }) => type === IPPROTO_FRAGMENT);
    return fragment && readBe32(fragment.data, 4);
  }

  /** The extension headers, from the outermost inwards; a new list each time. */
  get extensions(): Ipv6Extension[] {
    const { offset, end } = this.#layers;
    const at = this.#at + IPV6_HEADER;
    return ipv6Extensions(this.nextHeader, this.#bytes, at, Math.min(offset, end));
  }
}
