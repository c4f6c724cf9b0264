/**
 * The UDP header (RFC 768).
 *
 * @module
 */

import { readBe16 } from "./memory.ts";

/** IANA protocol number of UDP. */
export const IPPROTO_UDP = 17;
/** Length of a UDP header, in bytes. */
export const UDP_HEADER = 8;

/** A UDP header, as it lies in the packet. */
export class UdpHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Looks at a header of 8 bytes. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Source port. */
  get sourcePort(): number {
    return readBe16(this.#bytes, this.#at);
  }

  /** Destination port. */
  get destinationPort(): number {
    return readBe16(this.#bytes, this.#at + 2);
  }

  /** Bytes of header and data, as the header says. */
  get length(): number {
    return readBe16(this.#bytes, this.#at + 4);
  }
}
