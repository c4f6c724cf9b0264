/**
 * The UDP header (RFC 768).
 *
 * @module
 */

import { readBe16 } from "../bytes/memory.ts";
import { readDestinationPort, readSourcePort } from "./ports.ts";

/** Length of a UDP header, in bytes. */
export const UDP_HEADER = 8;

/**
 * Bytes that a header says header and data have.
 *
 * @returns Bytes; 8 where the field is 0, which jumbograms (RFC 2675 section 4)
 * and packets of devices that offload have.
 */
export function udpExtent(bytes: Uint8Array, at: number): number {
  return readBe16(bytes, at + 4) || UDP_HEADER;
}

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
    return readSourcePort(this.#bytes, this.#at);
  }

  /** Destination port. */
  get destinationPort(): number {
    return readDestinationPort(this.#bytes, this.#at);
  }

  /** Bytes of header and data, as the header says. */
  get length(): number {
    return readBe16(this.#bytes, this.#at + 4);
  }

  /** Checksum, as it was sent; 0 where there is none. */
  get checksum(): number {
    return readBe16(this.#bytes, this.#at + 6);
  }
}
