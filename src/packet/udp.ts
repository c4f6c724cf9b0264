/** The UDP header (RFC 768). */

import { readBe16 } from "../bytes/memory.ts";
import { readDestinationPort, readSourcePort } from "./ports.ts";

/** Length of a UDP header, in bytes. */
export const UDP_HEADER = 8;

/**
 * Returns the size of header and data, from the header.
 *
 * @returns Bytes; 8 if the field is 0, as in jumbograms (RFC 2675 section 4) and packets of devices
 *   with offload.
 */
export function udpExtent(bytes: Uint8Array, at: number): number {
  return readBe16(bytes, at + 4) || UDP_HEADER;
}

/** A view of a UDP header in the packet. */
export class UdpHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Creates a view of a header of 8 bytes. */
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

  /** Size of header and data in bytes, from the header. */
  get length(): number {
    return readBe16(this.#bytes, this.#at + 4);
  }

  /** Checksum as sent; 0 if there is none. */
  get checksum(): number {
    return readBe16(this.#bytes, this.#at + 6);
  }
}
