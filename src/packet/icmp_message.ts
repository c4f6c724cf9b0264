/**
 * What ICMP and ICMPv6 messages have in common.
 *
 * @module
 */

import { readBe16 } from "../bytes/memory.ts";

/** Bytes of the header that every message has. */
export const ICMP_HEADER = 8;

/**
 * Makes a packet of what an error quotes: bytes from its IP header on.
 *
 * @param at Where it begins.
 * @param end Where it ends, or the captured bytes do.
 */
export type Quote<Embedded> = (bytes: Uint8Array, at: number, end: number) => Embedded;

/** The first 4 bytes of an ICMP or ICMPv6 message. */
export class IcmpMessage {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Looks at a header of 8 bytes. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Type: what kind of message it is. */
  get type(): number {
    return this.#bytes[this.#at]!;
  }

  /** Code: which of its kind. */
  get code(): number {
    return this.#bytes[this.#at + 1]!;
  }

  /** Checksum, as it was sent. */
  get checksum(): number {
    return readBe16(this.#bytes, this.#at + 2);
  }
}
