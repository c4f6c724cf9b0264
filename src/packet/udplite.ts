/** The UDP-Lite header (RFC 3828 section 3.1). */

import { readBe16 } from "../bytes/memory.ts";
import { readDestinationPort, readSourcePort } from "./ports.ts";

/** Length of a UDP-Lite header, in bytes. */
export const UDPLITE_HEADER = 8;

/**
 * Returns the number of bytes that the checksum covers, header included; 8 if it covers the whole
 * packet.
 */
export function udpliteExtent(bytes: Uint8Array, at: number): number {
  return readBe16(bytes, at + 4) || UDPLITE_HEADER;
}

/** A view of a UDP-Lite header in the packet. */
export class UdpLiteHeader {
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

  /** Number of bytes that the checksum covers, from the header's start; 0 means all. */
  get checksumCoverage(): number {
    return readBe16(this.#bytes, this.#at + 4);
  }

  /** Checksum as sent. */
  get checksum(): number {
    return readBe16(this.#bytes, this.#at + 6);
  }
}
