/** The Internet Group Management Protocol, versions 1 (RFC 1112), 2 (RFC 2236) and 3 (RFC 3376). */

import { ipv4Text } from "./address.ts";
import { readBe16 } from "../bytes/memory.ts";

/** The smallest size of a message, in bytes. */
export const IGMP_HEADER = 8;
/** The smallest size of a query of version 3, in bytes. */
const V3_QUERY = 12;

/** Types of messages (RFC 3376 section 4). */
const MEMBERSHIP_QUERY = 0x11;
const V1_MEMBERSHIP_REPORT = 0x12;
const V3_MEMBERSHIP_REPORT = 0x22;

/** A view of an IGMP message in the packet. */
export class IgmpHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #length: number;

  /** Creates a view of a message of at least 8 bytes, originally `length`. */
  constructor(bytes: Uint8Array, at: number, length: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#length = length;
  }

  /** Type: 0x11 query, 0x12, 0x16 and 0x22 reports of versions 1, 2 and 3, 0x17 leave. */
  get type(): number {
    return this.#bytes[this.#at]!;
  }

  /** The version that defines the message: 1, 2 or 3 (RFC 3376 section 7.1). */
  get version(): 1 | 2 | 3 {
    if (this.type === V3_MEMBERSHIP_REPORT) return 3;
    if (this.type === V1_MEMBERSHIP_REPORT) return 1;
    if (this.type !== MEMBERSHIP_QUERY) return 2;
    if (this.#length >= V3_QUERY) return 3;
    return this.maxResponseCode === 0 ? 1 : 2;
  }

  /**
   * The longest time until a response, in tenths of a second; above 127 in the code of version 3.
   */
  get maxResponseCode(): number {
    return this.#bytes[this.#at + 1]!;
  }

  /** Checksum as sent. */
  get checksum(): number {
    return readBe16(this.#bytes, this.#at + 2);
  }

  /**
   * The multicast group, such as `224.0.0.251`; absent in a report of version 3, which has several.
   */
  get group(): string | undefined {
    return this.type === V3_MEMBERSHIP_REPORT ? undefined : ipv4Text(this.#bytes, this.#at + 4);
  }
}
