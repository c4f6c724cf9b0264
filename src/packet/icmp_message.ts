/** Common parts of ICMP and ICMPv6 messages. */

import { readBe16 } from "../bytes/memory.ts";

/** Size of the header of every message, in bytes. */
export const ICMP_HEADER = 8;

/**
 * Creates a packet from the bytes that an error quotes, which begin with its IP header.
 *
 * @param at Offset of its first byte.
 * @param end Offset after its last byte, or after the captured bytes.
 */
export type Quote<Embedded> = (bytes: Uint8Array, at: number, end: number) => Embedded;

/** The first 4 bytes of an ICMP or ICMPv6 message. */
export class IcmpMessage {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Creates a view of a header of 8 bytes. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Type of the message. */
  get type(): number {
    return this.#bytes[this.#at]!;
  }

  /** Code, whose meaning depends on the type. */
  get code(): number {
    return this.#bytes[this.#at + 1]!;
  }

  /** Checksum as sent. */
  get checksum(): number {
    return readBe16(this.#bytes, this.#at + 2);
  }
}
