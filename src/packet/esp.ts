/**
 * The Encapsulating Security Payload (RFC 4303 section 2): what is not encrypted.
 *
 * @module
 */

import { readBe32 } from "../bytes/memory.ts";

/** Bytes before what is encrypted. */
export const ESP_HEADER = 8;

/** The readable part of ESP, as it lies in the packet. */
export class EspHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Looks at a header of 8 bytes. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Security parameters index: names the security association. */
  get spi(): number {
    return readBe32(this.#bytes, this.#at);
  }

  /** Sequence number. */
  get sequenceNumber(): number {
    return readBe32(this.#bytes, this.#at + 4);
  }
}
