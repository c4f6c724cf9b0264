/** The Encapsulating Security Payload (RFC 4303 section 2): its unencrypted part. */

import { readBe32 } from "../bytes/memory.ts";

/** Size of the unencrypted part, in bytes. */
export const ESP_HEADER = 8;

/** A view of the unencrypted part of ESP in the packet. */
export class EspHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Creates a view of a header of 8 bytes. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Security parameters index, which identifies the security association. */
  get spi(): number {
    return readBe32(this.#bytes, this.#at);
  }

  /** Sequence number. */
  get sequenceNumber(): number {
    return readBe32(this.#bytes, this.#at + 4);
  }
}
