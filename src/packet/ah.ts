/** The authentication header (RFC 4302 section 2). */

import { partOf, readBe32 } from "../bytes/memory.ts";

/** Size of the header before the integrity check value, in bytes. */
export const AH_HEADER = 12;

/** Returns the length of the header in bytes, from its field: in units of 4 bytes, less two. */
export function ahLength(bytes: Uint8Array, at: number): number {
  return (bytes[at + 1]! + 2) * 4;
}

/** A view of an authentication header in the packet. */
export class AhHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #end: number;

  /** Creates a view of a header of at least 12 bytes, captured up to `end`. */
  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  /** Protocol of the protected data (IANA protocol numbers). */
  get nextHeader(): number {
    return this.#bytes[this.#at]!;
  }

  /** Length of the header in bytes. */
  get length(): number {
    return ahLength(this.#bytes, this.#at);
  }

  /** Security parameters index, which identifies the security association. */
  get spi(): number {
    return readBe32(this.#bytes, this.#at + 4);
  }

  /** Sequence number. */
  get sequenceNumber(): number {
    return readBe32(this.#bytes, this.#at + 8);
  }

  /** Integrity check value, possibly truncated: a view. */
  get integrityCheckValue(): Uint8Array {
    const end = Math.min(this.#at + this.length, this.#end);
    return partOf(this.#bytes, this.#at + AH_HEADER, end);
  }
}
