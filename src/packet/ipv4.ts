/** The IPv4 header (RFC 791 section 3.1). */

import { ipv4Text } from "./address.ts";
import type { IpHeader } from "./ip.ts";
import { IPV4_HEADER } from "./ip_sizes.ts";
import type { Layers } from "./layers.ts";
import { readBe16 } from "../bytes/memory.ts";
import { type HeaderOption, headerOptions } from "./options.ts";

/** A view of an IPv4 header in the packet. */
export class Ipv4Header implements IpHeader {
  readonly #layers: Layers;
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Creates a view of a header of at least 20 bytes. */
  constructor(layers: Layers) {
    this.#layers = layers;
    this.#bytes = layers.bytes;
    this.#at = layers.at;
  }

  /** IP version. */
  get version(): 4 {
    return 4;
  }

  /** Length of the header in bytes, options included: 20 to 60. */
  get headerLength(): number {
    return (this.#bytes[this.#at]! & 0xf) * 4;
  }

  /** Type of Service: DSCP and ECN. */
  get trafficClass(): number {
    return this.#bytes[this.#at + 1]!;
  }

  /** Differentiated services code point, 0 to 63 (RFC 2474). */
  get dscp(): number {
    return this.trafficClass >> 2;
  }

  /** Explicit congestion notification, 0 to 3 (RFC 3168). */
  get ecn(): number {
    return this.trafficClass & 3;
  }

  /** Length of the whole packet in bytes, from the header. */
  get totalLength(): number {
    return readBe16(this.#bytes, this.#at + 2);
  }

  /** Identification: the same in all fragments of a packet. */
  get identification(): number {
    return readBe16(this.#bytes, this.#at + 4);
  }

  /** The reserved flag, which should be unset (`IP_CE`, net/ip.h). */
  get reserved(): boolean {
    return (this.#bytes[this.#at + 6]! & 0x80) !== 0;
  }

  /** Whether routers must not fragment the packet (`IP_DF`). */
  get dontFragment(): boolean {
    return (this.#bytes[this.#at + 6]! & 0x40) !== 0;
  }

  /** Whether more fragments of the same packet follow this one (`IP_MF`). */
  get moreFragments(): boolean {
    return (this.#bytes[this.#at + 6]! & 0x20) !== 0;
  }

  /** Offset in the unfragmented packet, in bytes; 0 in an unfragmented packet. */
  get fragmentOffset(): number {
    return (readBe16(this.#bytes, this.#at + 6) & 0x1fff) * 8;
  }

  /** Time to live. */
  get hopLimit(): number {
    return this.#bytes[this.#at + 8]!;
  }

  /** The protocol of the payload (IANA protocol numbers), after authentication headers. */
  get protocol(): number {
    return this.#layers.protocol;
  }

  /** The header's own field: like `protocol`, but 51 if an authentication header follows. */
  get headerProtocol(): number {
    return this.#bytes[this.#at + 9]!;
  }

  /** Checksum of the header as sent. */
  get checksum(): number {
    return readBe16(this.#bytes, this.#at + 10);
  }

  /** Source address, such as `192.0.2.1`. */
  get source(): string {
    return ipv4Text(this.#bytes, this.#at + 12);
  }

  /** Destination address. */
  get destination(): string {
    return ipv4Text(this.#bytes, this.#at + 16);
  }

  /** Captured options without padding; a new list each time. */
  get options(): HeaderOption[] {
    const end = Math.min(this.#at + this.headerLength, this.#layers.end);
    return headerOptions(this.#bytes, this.#at + IPV4_HEADER, end);
  }
}
